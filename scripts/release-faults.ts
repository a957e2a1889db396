/**
 * What keeps a tag from being published. Every task has the version of package.json; an agent keeps a task by its version,
 * so that one which changed under an old number would reach nobody.
 *
 * @param tags of the repository, in any order; what is no version is left alone
 */
export function releaseFaults(
  tag: string,
  version: string,
  changelog: string,
  tags: readonly string[],
): string[] {
  const earlier = tags.filter(other => other !== tag && parts(other) !== undefined);
  const notRaised = earlier.find(other => !isHigher(version, other));
  return [
    ...(tag === `v${version}`
      ? []
      : [`The tag is "${tag}", the version of package.json ${version}: the tag has to be v${version}.`]),
    ...(changelog.split('\n').includes(`## ${version}`)
      ? []
      : [`CHANGELOG.md has no heading "## ${version}": write down what changes for users.`]),
    ...(notRaised === undefined
      ? []
      : [
          `Version ${version} is not higher than ${notRaised}, which is there already: raise it in package.json.`,
        ]),
  ];
}

function isHigher(version: string, other: string): boolean {
  const [a, b] = [parts(version) ?? [], parts(other) ?? []];
  const index = a.findIndex((part, index) => part !== b[index]);
  return index >= 0 && (a[index] ?? 0) > (b[index] ?? 0);
}

function parts(text: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return match?.slice(1).map(Number);
}
