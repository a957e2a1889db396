import type { Service } from '../devops/service.js';
import type { Route } from '../http/router.js';
import { feedRoutes } from './access.js';
import type { Feeds } from './feeds.js';
import { mavenRoutes } from './maven.js';
import { npmRoutes } from './npm.js';
import { nugetRoutes } from './nuget.js';
import { pypiRoutes } from './pypi.js';

/** The protocols of Azure Artifacts, each for every feed. */
export function packageRoutes(service: Service, feeds: Feeds): Route[] {
  return feedRoutes(service, feeds, [...npmRoutes, ...pypiRoutes, ...nugetRoutes, ...mavenRoutes]);
}
