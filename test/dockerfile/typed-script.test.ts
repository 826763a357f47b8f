import { expect, test } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";

const SCRIPT = "FROM python:3.12-slim\nCOPY <<'EOF' /login.sh\nhf auth login --token \"$(cat /run/secrets/hf)\"\nEOF\n";

test("a finding in a script that the Dockerfile types shows the RUN that starts it", () => {
  const { findings } = lintDockerfile(`${SCRIPT}RUN --mount=type=secret,id=hf true && sh /login.sh\n`);
  const places = findings[0]?.locations.map((place) =>
    place.in === "dockerfile" ? `${place.region.start.line}:${place.region.start.column} ${place.text ?? ""}` : "",
  );
  expect(places).toEqual(["3:1 ", "5:39 this starts it"]);
});

test("a script that no RUN starts is a text", () => {
  expect(lintDockerfile(`${SCRIPT}CMD ["/login.sh"]\n`).findings).toEqual([]);
});
