/** Packages that ship ES modules only: Jest runs CommonJS, so these are translated too. */
const esModules = [
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft',
  '@marijn',
  '@codemirror',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'y-protocols',
  'yjs'
];

export default {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/labextension'],
  testRegex: '\\.spec\\.tsx?$',
  reporters: ['default'],
  // JupyterLab's icons and styles are the bundler's business.
  moduleNameMapper: { '\\.svg$': '<rootDir>/labextension/tests/icon.ts' },
  setupFiles: ['<rootDir>/labextension/tests/browser.ts'],
  transform: {
    '^.+\\.[tj]sx?$': [
      'ts-jest',
      { tsconfig: '<rootDir>/labextension/tests/tsconfig.json', diagnostics: { exclude: ['**/node_modules/**'] } }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')}))`]
};
