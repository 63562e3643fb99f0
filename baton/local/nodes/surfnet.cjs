// Runs a Surfnet on free ports until its standard input closes, and prints where it listens as one line of JSON.
// Arguments: the folder of the native module, and milliseconds per slot.
const { Surfnet } = require(process.argv[2]);
const node = Surfnet.startWithConfig({
  offline: true,
  blockProductionMode: "clock",
  slotTimeMs: Number(process.argv[3]),
});
console.log(JSON.stringify({ url: node.rpcUrl, payer: Array.from(node.payerSecretKey) }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
