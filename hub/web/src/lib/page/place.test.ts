import { expect, test } from "vitest";
import { prefixOf } from "./place.ts";

test("a page behind a venue's prefix is that venue's, and any other the installation's own", () => {
  for (const path of ["/v/soho", "/v/soho/", "/v/soho/stand", "/v/soho/admin/"]) expect(prefixOf(path)).toBe("/v/soho");
  for (const path of ["/", "/stand", "/v/", "/v", "/venue/x", "/stand/v/soho"]) expect(prefixOf(path)).toBe("");
});
