/**
 * The address that opens a file at a line in code-server behind this server, or in VS Code on this machine.
 *
 * @param base The server's address with its base path and a slash at the end, '' for VS Code.
 * @param folder A worktree, absolute.
 */
export function editorLink(base: string, folder: string, path: string, line = 1): string {
  const file = `${folder.replace(/\/$/, '')}/${path}`.split('/').map(encodeURIComponent).join('/');
  if (!base) {
    return `vscode://file${file}:${line}`;
  }
  // The workbench takes a file by the authority that its page was loaded from.
  const opened = `vscode-remote://${new URL(base).host}${file}:${line}`;
  const payload = JSON.stringify([
    ['openFile', opened],
    ['gotoLineMode', 'true']
  ]);
  return `${base}code-server/?${new URLSearchParams({ folder, payload }).toString()}`;
}
