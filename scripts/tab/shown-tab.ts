import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import type { Build, Emulator } from '#emulator/index';
import { buildTab } from '../build-tab.js';
import { findChromium } from '../chromium.js';
import { dist } from '../paths.js';

export type Theme = 'light' | 'dark' | 'contrast';

export interface TabWish {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  /** Pixels of the screen for one of the page. */
  readonly fineness?: number;
  /** What the host says the address of the organization is. */
  readonly organizationUrl?: string;
  readonly token?: string;
  /** Lets the test read what was copied. */
  readonly clipboard?: boolean;
}

/** The tab as a person has it before them. */
export interface ShownTab {
  readonly page: Page;
  readonly frame: Frame;
  /** Dialogs, errors of scripts, and what the policy for content refused: all of it is a fault. */
  readonly faults: readonly string[];
}

const content = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css' } as const;

/** A browser with the two origins of an extension: the host's page, and the place of the extension's files. */
export class TabBrowser {
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly host: FileServer,
    private readonly extension: FileServer,
  ) {}

  static async start(): Promise<TabBrowser> {
    const executablePath = findChromium() ?? assert.fail('There is no Chromium; set JOB_PAT_CHROMIUM.');
    const page = join(import.meta.dirname, 'page');
    await buildTab(join(dist, 'tab-test'));
    const { outputFiles } = await build({
      entryPoints: [join(page, 'main.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      tsconfig: join(page, 'tsconfig.json'),
    });
    const host = await FileServer.start(async path =>
      path === '/host.js' ? Buffer.from(outputFiles[0]?.contents ?? []) : readFile(join(page, path)),
    );
    const extension = await FileServer.start(async path => readFile(join(dist, 'tab-test', path)));
    // The sandbox of Chromium needs a user other than root.
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    return new TabBrowser(browser, host, extension);
  }

  /** Opens the results of a build at the tab, and waits until the tab shows something. */
  async show(emulator: Emulator, run: Build, wish: TabWish = {}): Promise<ShownTab> {
    const { theme = 'light', width = 1366, height = 768 } = wish;
    const { organization, project, id, status } = run;
    const settings = {
      tab: `${this.extension.url}/index.html`,
      organization: organization.name,
      organizationUrl: wish.organizationUrl ?? emulator.organizationUrl(organization.name),
      token: wish.token ?? emulator.jobs.issueToken({ organization: organization.name }).value,
      theme,
      build: { id, status: status === 'completed' ? 2 : 1, project: { id: project.id, name: project.name } },
    };
    const context = await this.browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: wish.fineness ?? 1,
    });
    this.#contexts.push(context);
    if (wish.clipboard === true)
      await context.grantPermissions(['clipboard-read'], { origin: this.host.url });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('dialog', dialog => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', error => faults.push(`error: ${error.message}`));
    page.on('console', message => {
      if (message.type() === 'error') faults.push(`console: ${message.text()}`);
    });
    await page.goto(`${this.host.url}/index.html#${encodeURIComponent(JSON.stringify(settings))}`);
    const handle = await page.waitForSelector('iframe');
    const frame = (await handle.contentFrame()) ?? assert.fail('The frame has no page.');
    await frame.waitForSelector('main[aria-busy="false"]');
    return { page, frame, faults };
  }

  /** Closes what was shown. */
  async clear(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.host.stop();
    await this.extension.stop();
  }
}

/** Serves files under an origin of its own. */
class FileServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(read: (path: string) => Promise<Buffer>): Promise<FileServer> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const type = Object.entries(content).find(([extension]) => path.endsWith(`.${extension}`))?.[1];
      read(path).then(
        body => response.writeHead(200, { 'Content-Type': type ?? 'application/octet-stream' }).end(body),
        () => response.writeHead(path === '/favicon.ico' ? 204 : 404).end(),
      );
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return new FileServer(server, `http://127.0.0.1:${address.port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}
