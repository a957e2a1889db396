/** A protocol of Azure Artifacts. */
export type FeedKind = 'npm' | 'pypi' | 'pypi.upload' | 'nuget' | 'maven';

const paths: Readonly<Record<FeedKind, string>> = {
  npm: 'npm/registry/',
  pypi: 'pypi/simple/',
  'pypi.upload': 'pypi/upload/',
  nuget: 'nuget/v3/index.json',
  maven: 'maven/v1',
};

/** The address that Azure Artifacts shows under "Connect to feed". @param place an organization's, or a project's */
export function feedUrl(place: string, feed: string, kind: FeedKind): string {
  return `${place}/_packaging/${encodeURIComponent(feed)}/${paths[kind]}`;
}
