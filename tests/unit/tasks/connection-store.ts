import type { ConnectionSeed } from '#emulator/connections/store';
import {
  serviceConnection,
  type ServiceConnectionChoice,
} from '../../../tasks/common/stores/service-connection.js';
import { json, type Answer } from './answers.js';
import { A, B, emulatedStores, generation } from './emulated-stores.js';

export const CHOICE: ServiceConnectionChoice = {
  kind: 'serviceConnection',
  serviceConnection: 'Feed',
  project: '',
  connectionParameter: 'apitoken',
};
export const ID = '6b4e1a52-0000-4000-8000-000000000001';
export const RECORD = `job-pat:rotated/${A}`;

/** A store in the connection `Feed`, which holds a token and a record. */
export function store({
  choice = {},
  alone = true,
  ...seed
}: Partial<ConnectionSeed> & { choice?: Partial<ServiceConnectionChoice>; alone?: boolean } = {}) {
  const stores = emulatedStores({ alone });
  const connection = stores.services.connections.add({
    id: ID,
    name: 'Feed',
    type: 'externalnugetfeed',
    description: `Ask Erika.\n${RECORD}`,
    parameters: { apitoken: 'old' },
    ...seed,
  });
  const opened = stores.open(serviceConnection, { ...CHOICE, ...choice });
  return {
    ...stores,
    connection,
    store: opened,
    look: () => opened.look(stores.policy()),
    recorded: () => opened.recorded(stores.policy()),
    write: (id = B) => opened.write(generation(id), stores.policy()),
    asked: () =>
      stores.sent.map(
        ({ method, by, url }) => `${method} ${by} ${url.pathname.split('/endpoints')[1] ?? url.pathname}`,
      ),
  };
}

/** The usual answer with these members of the connection. */
export const withMembers =
  (members: object): Answer =>
  usual =>
    json(200, { ...(JSON.parse(usual().body) as object), ...members });
