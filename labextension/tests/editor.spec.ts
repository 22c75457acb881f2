import { editorLink } from '../src/promote/editor';

describe('where a promoted file is edited', () => {
  it('is code-server behind this server, at the line', () => {
    const url = new URL(editorLink('https://hub.example.org/user/ana/', '/w/a b', 'models/x#1.sql', 7));
    expect(url.origin + url.pathname).toBe('https://hub.example.org/user/ana/code-server/');
    expect(url.searchParams.get('folder')).toBe('/w/a b');
    expect(JSON.parse(url.searchParams.get('payload')!)).toEqual([
      ['openFile', 'vscode-remote://hub.example.org/w/a%20b/models/x%231.sql:7'],
      ['gotoLineMode', 'true']
    ]);
  });

  it('is VS Code where there is none', () => {
    expect(editorLink('', '/w/delays/', 'models/x.sql')).toBe('vscode://file/w/delays/models/x.sql:1');
  });
});
