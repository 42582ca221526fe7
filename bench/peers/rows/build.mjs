// Bundles of the peers, minified, in production mode. Solid's JSX is compiled by its own babel preset.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformAsync } from '@babel/core';
import solid from 'babel-preset-solid';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const entries = {
  vanilla: ['vanilla.js', {}],
  preact: ['preact.jsx', { jsx: 'automatic', jsxImportSource: 'preact' }],
  react: ['react.jsx', { jsx: 'automatic' }],
  solid: ['solid.jsx', { plugins: [{ name: 'solid', setup: compileSolid }] }],
};

function compileSolid({ onLoad }) {
  onLoad({ filter: /solid\.jsx$/ }, async ({ path }) => {
    const { code } = await transformAsync(await readFile(path, 'utf8'), { filename: path, presets: [solid], babelrc: false, configFile: false });
    return { contents: code, loader: 'js' };
  });
}

/** @returns {Promise<Map<string, string>>} scripts by the peer's name */
export async function buildPeers() {
  const scripts = new Map();
  for (const [name, [entry, options]] of Object.entries(entries)) {
    const { outputFiles } = await build({
      entryPoints: [here(entry)], bundle: true, minify: true, write: false, format: 'esm', target: 'es2022',
      define: { 'process.env.NODE_ENV': '"production"' }, ...options,
    });
    scripts.set(name, outputFiles[0].text);
  }
  return scripts;
}
