import assert from 'node:assert/strict';
import fc from 'fast-check';
import { proxyFor } from '../../../cli/proxy.js';
import { Failure } from '#advice/failure';

const azure = new URL('https://dev.azure.com/contoso');

describe('the proxy of the environment', () => {
  it('is none where no variable names one', () => {
    assert.equal(proxyFor(azure, {}), undefined);
  });

  it('is HTTPS_PROXY for https and HTTP_PROXY for http', () => {
    const environment = { HTTPS_PROXY: 'http://secure:8080', HTTP_PROXY: 'http://plain:8080' };
    assert.equal(proxyFor(azure, environment)?.url, 'http://secure:8080');
    assert.equal(proxyFor(new URL('http://127.0.0.1:1/x'), environment)?.url, 'http://plain:8080');
  });

  it('may be written in lower case, which counts first, and without http://', () => {
    assert.equal(
      proxyFor(azure, { https_proxy: 'lower:1', HTTPS_PROXY: 'http://upper:2' })?.url,
      'http://lower:1',
    );
  });

  it('gives user and password apart from the address that is shown', () => {
    const proxy = proxyFor(azure, { HTTPS_PROXY: 'http://ann:p%40ss@proxy:8080' });
    assert.deepEqual(proxy, {
      url: 'http://proxy:8080',
      variable: 'HTTPS_PROXY',
      username: 'ann',
      password: 'p@ss',
    });
  });

  for (const list of ['*', 'dev.azure.com', '.azure.com', 'azure.com', 'x, *.azure.com', 'dev.azure.com:443'])
    it(`is none for what NO_PROXY lists: ${list}`, () => {
      assert.equal(proxyFor(azure, { HTTPS_PROXY: 'http://proxy:8080', NO_PROXY: list }), undefined);
    });

  for (const list of ['zure.com', 'example.com', 'dev.azure.com:8443', '.'])
    it(`is there for what NO_PROXY does not list: ${list}`, () => {
      assert.notEqual(proxyFor(azure, { HTTPS_PROXY: 'http://proxy:8080', NO_PROXY: list }), undefined);
    });

  it('is refused without showing it where it is no URL of a proxy', () => {
    assert.throws(
      () => proxyFor(azure, { HTTPS_PROXY: 'socks5://user:secret@proxy' }),
      (error: unknown) =>
        error instanceof Failure && error.topic === 'proxy-not-usable' && !error.message.includes('secret'),
    );
  });

  it('never throws anything but a Failure, whatever the variables say', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (proxy, list) => {
        try {
          proxyFor(azure, { HTTPS_PROXY: proxy, NO_PROXY: list });
        } catch (error) {
          assert.ok(error instanceof Failure);
        }
      }),
    );
  });
});
