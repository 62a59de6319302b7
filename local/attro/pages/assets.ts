import { fileURLToPath } from 'node:url';
import express from 'express';

/** Serves the stylesheet, the script and the icon of the pages. */
export const assets = express.static(fileURLToPath(new URL('./assets', import.meta.url)), {
  index: false,
  redirect: false,
});
