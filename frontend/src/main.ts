/** Puts the page together. */

import "@fontsource-variable/source-sans-3/wght.css";
import "@fontsource/source-serif-4/latin-400.css";
import "@fontsource/source-serif-4/latin-ext-400.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./theme.css";
import "./views/view.css";
import { mount } from "svelte";
import App from "./App.svelte";

const target = document.getElementById("page");
if (target) mount(App, { target });
