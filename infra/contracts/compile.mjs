// Compiles Anchor.sol: `node infra/contracts/compile.mjs SOLC OUT` writes Anchor.bin and AnchorRuntime.bin to OUT.
// SOLC is the folder of the npm package `solc` in the version that tests/npm/package.json pins.
//
// Everything that decides about the bytes stands here. `paris` is the oldest version of the machine after the merge:
// its code has no PUSH0 and no MCOPY, so it runs on every chain in use, on those that are slow to adopt opcodes too.
// Without the metadata hash the code depends on nothing but the source and the compiler.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , compiler, out] = process.argv;
if (!compiler || !out) throw new Error('usage: node compile.mjs SOLC OUT');
const here = dirname(fileURLToPath(import.meta.url));
const solc = createRequire(import.meta.url)(resolve(compiler));

const input = {
  language: 'Solidity',
  sources: { 'Anchor.sol': { content: readFileSync(join(here, 'Anchor.sol'), 'utf8') } },
  settings: {
    evmVersion: 'paris',
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { 'Anchor.sol': { Anchor: ['evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const complaints = output.errors ?? [];
if (complaints.length) throw new Error(complaints.map((one) => one.formattedMessage).join('\n'));
const { bytecode, deployedBytecode } = output.contracts['Anchor.sol'].Anchor.evm;
writeFileSync(join(out, 'Anchor.bin'), `${bytecode.object}\n`);
writeFileSync(join(out, 'AnchorRuntime.bin'), `${deployedBytecode.object}\n`);
