import { describe, expect, it } from "vitest";
import { isPlaceholder } from "../../src/token/placeholder.ts";
import { fakeToken } from "../support/tokens.ts";

const PLACEHOLDERS = [
  ..."none null NONE false true changeme change-me CHANGE_ME replace_me todo TBD empty dummy fake n/a undefined".split(
    " ",
  ),
  ..."your_token your-token-here YOUR_HF_TOKEN insert_token_here put-your-token-here hf_token_goes_here".split(" "),
  ..."hf_xxx hf_XXXX hf_... hf_*** hf_your_token hf_your_token_here hf_YOUR_TOKEN hf_mock hf_test hf_fake".split(" "),
  ..."<token> <your-hf-token> {{token}} {{HF_TOKEN}} [token] %HF_TOKEN% @HF_TOKEN@ __HF_TOKEN__ {TOKEN}".split(" "),
  ..."xxxxxxxxxxxxxxxx ******** ........ 0000000000 ------ REPLACE_WITH_YOUR_TOKEN set-at-runtime".split(" "),
  ..."provided-at-run-time add-your-token-here enter_token_here fill-me-in".split(" "),
  "",
  "   ",
  "put your token here",
];

describe("isPlaceholder", () => {
  it.each(PLACEHOLDERS)("knows %j", (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it.each(["alphabet", "repeated"])("knows a token's shape with the body of a placeholder: %s", (kind) => {
    expect(isPlaceholder(fakeToken(kind))).toBe(true);
  });

  it("knows the variable's own name", () => {
    expect(isPlaceholder("MY_OWN_KEY", "MY_OWN_KEY")).toBe(true);
    expect(isPlaceholder("my_own_key", "MY_OWN_KEY")).toBe(true);
    expect(isPlaceholder("MY_OWN_KEY")).toBe(false);
  });

  it.each(["user", "digits", "organization", "oauth-refresh", "oauth-app-secret", "oauth", "jwt", "s3"])(
    "takes no %s token for one",
    (kind) => {
      for (let number = 1; number <= 200; number++) expect(isPlaceholder(fakeToken(kind, number))).toBe(false);
    },
  );

  it.each(["Zq8wLk2vNp7s", "correct horse battery staple", "hunter2hunter3", "here-be-dragons-9"])(
    "takes no other value for one: %j",
    (value) => {
      expect(isPlaceholder(value)).toBe(false);
    },
  );
});
