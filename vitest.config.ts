import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    setupFiles: ["test/support/seed.ts", "test/support/variants.ts"],
    testTimeout: 30_000,
    reporters:
      process.env["CI"] === undefined
        ? ["default"]
        : ["default", ["json", { outputFile: process.env["HULLCHECK_TEST_JSON"] ?? "test-results.json" }]],
  },
});
