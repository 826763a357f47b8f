import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    setupFiles: ["test/support/seed.ts", "test/support/variants.ts"],
    testTimeout: 30_000,
    // Vitest leaves one processor idle, which is half of a small machine.
    maxWorkers: "100%",
    reporters:
      process.env["CI"] === undefined
        ? ["default"]
        : ["default", ["json", { outputFile: process.env["HULLCHECK_TEST_JSON"] ?? "test-results.json" }]],
  },
});
