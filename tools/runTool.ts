/** Run a tool to its end: an error is said in its own words, without a trace, and is the exit status. */
export async function runTool(main: () => Promise<void>): Promise<never> {
  try {
    await main();
    // Dawn's threads would keep the process alive.
    process.exit(0);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
