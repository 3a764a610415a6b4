import { expect, it } from 'vitest';
import { readBlobPlace } from '../../../signaling/studio/blobs/blob-place.ts';

it('reads a folder, or a repository of a registry with whoever may write to it', () => {
  expect(readBlobPlace('/srv/blobs')).toEqual({ kind: 'folder', folder: '/srv/blobs' });
  expect(readBlobPlace('http://localhost:5000/rockpool')).toEqual({
    kind: 'registry',
    url: 'http://localhost:5000',
    repository: 'rockpool',
  });
  expect(readBlobPlace('https://me:p%40ss@registry.example.org/a/b-c/')).toEqual({
    kind: 'registry',
    url: 'https://registry.example.org',
    repository: 'a/b-c',
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  });
});

it('takes no address that names no repository', () => {
  for (const text of [
    'https://registry.example.org',
    'https://registry.example.org/',
    'https://registry.example.org/Upper',
    'https://registry.example.org/a//b',
    'https://registry.example.org/a?tag=b',
    'https://',
  ]) {
    expect(readBlobPlace(text)).toBeUndefined();
  }
});
