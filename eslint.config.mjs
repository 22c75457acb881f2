import tseslint from '@typescript-eslint/eslint-plugin';
import parser from '@typescript-eslint/parser';
import prettier from 'eslint-config-prettier';

export default [
  {
    ignores: [
      '**/node_modules/**',
      '.venv/**',
      '.demo/**',
      '.jupyter-ui/**',
      'lib/**',
      'labextension/src/frame/routes.ts', // made by scripts/published.py
      'coverage/**',
      'olo_jupyter/**',
      'templates/**',
      'dist/**',
      'build/**'
    ]
  },
  {
    files: ['labextension/**/*.{ts,tsx}', 'tests/ui/**/*.ts'],
    languageOptions: {
      parser,
      parserOptions: { project: ['./labextension/tests/tsconfig.json', './tests/ui/tsconfig.json'] }
    },
    plugins: { '@typescript-eslint': tseslint },
    rules: {
      ...tseslint.configs['recommended'].rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Values are text nodes, never HTML.' },
        { property: 'outerHTML', message: 'Values are text nodes, never HTML.' },
        { property: 'insertAdjacentHTML', message: 'Values are text nodes, never HTML.' }
      ],
      'prefer-arrow-callback': 'error'
    }
  },
  prettier
];
