// The host stand's entry: draws the page into its document.
import { render } from "preact";

const root = document.getElementById("page");
if (root)
  render(
    <form>
      <h1>Host stand</h1>
    </form>,
    root,
  );
