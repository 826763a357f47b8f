import { expect, test } from "vitest";
import { withoutTag } from "../../src/model/image-name.ts";

test.each([
  ["app", "app"],
  ["app:1", "app"],
  ["registry.example:5000/team/app", "registry.example:5000/team/app"],
  ["registry.example:5000/team/app:1.2", "registry.example:5000/team/app"],
  [`app@sha256:${"0".repeat(64)}`, "app"],
  [`app:1@sha256:${"0".repeat(64)}`, "app"],
  ["app:1 [linux/amd64]", "app [linux/amd64]"],
  ["images/app.tar", "images/app.tar"],
])("%s is %s in every build", (name, expected) => {
  expect(withoutTag(name)).toBe(expected);
});
