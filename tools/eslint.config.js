// The rules of the scripts of the page and the admin dashboard. bin/lint runs ESLint at the root of the repository.

import js from "@eslint/js";
import globals from "globals";

const rules = {
  complexity: ["error", 12],
  eqeqeq: "error",
  "max-depth": ["error", 3],
  "max-len": ["error", { code: 120, ignoreUrls: true }],
  "max-lines-per-function": ["error", { max: 45 }],
  "no-implicit-globals": "error",
  "no-param-reassign": "error",
  "no-shadow": "error",
  "no-unused-vars": ["error", { ignoreRestSiblings: true }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  { ignores: ["chat/web/static/vendor/lib/**", "tests/vendor/**"] }, // written by others
  js.configs.recommended,
  {
    rules,
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
  },
  { files: ["chat/**"], languageOptions: { globals: globals.browser } },
];
