import { render } from "preact";

import { restore } from "./api/session";
import { App } from "./app";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { theme } from "./ui/theme";

theme.start();
void restore().then(() => render(<App />, document.getElementById("console")!));
