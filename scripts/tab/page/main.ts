import { themes, type ThemeName } from './themes.js';
import { RemoteFrame } from './remote-frame.js';

/** What the test server tells this page, in the fragment of its address. */
interface Settings {
  readonly tab: string;
  readonly organizationUrl: string;
  readonly organization: string;
  readonly token: string;
  readonly theme: ThemeName;
  readonly build: Record<string, unknown>;
}

const settings = JSON.parse(decodeURIComponent(location.hash.slice(1))) as Settings;
const { organizationUrl, organization, token, theme, build } = settings;
let listener: ((build: unknown) => void) | undefined;

const frame = document.createElement('iframe');
frame.title = 'PATs';
const remote = new RemoteFrame(frame, {
  'DevOps.HostControl': {
    initialHandshake: () => ({
      contributionId: 'job-pat.job-pat.pats-tab',
      context: {
        extension: {
          id: 'job-pat.job-pat',
          publisherId: 'job-pat',
          extensionId: 'job-pat',
          version: '1.0.0',
        },
        user: {
          id: '1',
          displayName: 'Robin Example',
          name: 'robin@example.com',
          descriptor: '',
          imageUrl: '',
        },
        host: { id: '2', name: organization, type: 4, serviceVersion: '', isHosted: true },
        pageContext: { webContext: { project: build['project'], team: {} }, globalization: {} },
      },
      initialConfig: {
        onBuildChanged(callback: (build: unknown) => void) {
          listener = callback;
          callback(build);
        },
      },
      themeData: themes[theme],
    }),
    notifyLoadSucceeded() {
      document.documentElement.dataset['loaded'] = 'true';
    },
    notifyLoadFailed() {
      document.documentElement.dataset['loaded'] = 'failed';
    },
    getAccessToken: () => ({ token }),
    resize: () => undefined,
  },
  'DevOps.ServiceManager': {
    getService: (id: unknown) =>
      id === 'ms.vss-features.location-service'
        ? { getServiceLocation: () => `${organizationUrl}/` }
        : undefined,
  },
});

/** For the tests: what people and the service do to a page that is open. */
Object.assign(window, {
  changeTheme(name: ThemeName) {
    dress(name);
    remote.call('DevOps.SdkClient', 'dispatchEvent', ['themeChanged', { detail: { data: themes[name] } }]);
  },
  changeBuild(change: Record<string, unknown>) {
    listener?.({ ...build, ...change });
  },
});

function dress(name: ThemeName): void {
  for (const [key, value] of Object.entries(themes[name])) {
    document.documentElement.style.setProperty(`--${key}`, value);
  }
}

dress(theme);
frame.src = settings.tab;
document.getElementById('tab')?.append(frame);
