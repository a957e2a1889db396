/** The file that the bundle of a stage gets: its entry file only decides whether to load it. */
export function bundleOf(stage: string): string {
  return `${stage}.bundle`;
}

/**
 * The entry file of a stage, in words that every Node.js understands: a bundle for Node 20 is no program at all to Node 10,
 * and ends in the middle of its work on Node 16. An agent runs tasks on another Node where its own does not start (an old
 * system), or where a container brings one.
 *
 * The main stage says what to do, and ends. After the job there may be a PAT to revoke: that is tried, with what the older
 * Node lacks put in.
 */
export function stageEntry(stage: string): string {
  const load = `require(${JSON.stringify(`./${bundleOf(stage)}.js`)})`;
  return `'use strict';
if (parseInt(process.versions.node, 10) >= 20) {
  ${load};
} else {
  var old = 'This step runs on Node.js ' + process.versions.node + ', and Job PAT needs 20 or later:' +
    ' update the agent, run the job on a newer operating system, or give its container a newer Node.js. [node-too-old]';
${stage === 'post' ? revokeAnyway(load) : `  end('Failed', old);`}
}
${END}`;
}

const END = `
function end(result, text) {
  var type = result === 'Failed' ? 'error' : 'warning';
  console.log('##vso[task.issue type=' + type + ';source=TaskInternal;]' + text);
  console.log('##vso[task.complete result=' + result + ';]' + text);
}
`;

/** What the bundles use and Node 16 lacks; where even their syntax is unknown, nothing can be revoked. */
function revokeAnyway(load: string): string {
  return `  console.log('##vso[task.issue type=warning;source=TaskInternal;]' + old);
  if (!URL.canParse) {
    URL.canParse = function (text, base) {
      try {
        return Boolean(new URL(text, base));
      } catch (error) {
        return false;
      }
    };
  }
  if (!Object.hasOwn) {
    Object.hasOwn = function (object, name) {
      return Object.prototype.hasOwnProperty.call(object, name);
    };
  }
  try {
    ${load};
  } catch (error) {
    end('SucceededWithIssues', old + ' A PAT that this step issued stays alive until it ends: revoke it by hand.');
  }`;
}
