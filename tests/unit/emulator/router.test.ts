import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emptyReply } from '#emulator/http/reply';
import { Router, type Route } from '#emulator/http/router';

function route(method: string, path: string, more: Partial<Route> = {}): Route {
  return { operation: 'projects', method, path, handle: () => emptyReply(204), ...more };
}

describe('the router of the emulator', () => {
  const router = new Router([
    route('GET', '/{organization}/_apis/Things', { operation: 'pats.get', when: query => query.has('id') }),
    route('GET', '/{organization}/_apis/Things', { operation: 'pats.list' }),
    route('POST', '/{organization}/files/{rest*}', { operation: 'git.push' }),
  ]);
  const match = (method: string, path: string, query = ''): ReturnType<Router['match']> =>
    router.match(method, path, new URLSearchParams(query));

  it('captures segments, decoded, and compares the others without regard to case', () => {
    const found = match('GET', '/con%20toso/_APIS/things');
    assert.ok(found.kind === 'found');
    assert.deepEqual(found.parameters, { organization: 'con toso' });
    assert.equal(found.route.operation, 'pats.list');
  });

  it('tells operations on the same path apart by the query', () => {
    const found = match('GET', '/contoso/_apis/things', 'id=1');
    assert.equal(found.kind === 'found' && found.route.operation, 'pats.get');
  });

  it('captures the rest of a path', () => {
    const found = match('POST', '/contoso/files/a/b');
    assert.ok(found.kind === 'found');
    assert.equal(found.parameters['rest'], 'a/b');
  });

  it('tells a wrong method from an unknown path', () => {
    const wrong = match('DELETE', '/contoso/_apis/things');
    assert.ok(wrong.kind === 'wrongMethod');
    assert.deepEqual(wrong.allowed, ['GET']);
    for (const path of ['/', '/contoso', '//_apis/things', '/contoso/_apis/things/', '/%zz/_apis/things']) {
      assert.equal(match('GET', path).kind, 'unknown', path);
    }
  });

  it('never throws, whatever the path', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string(), (path, query) => {
        match('GET', path, query);
        match('GET', query);
      }),
    );
  });
});
