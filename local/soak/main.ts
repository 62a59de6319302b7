import { randomInt } from 'node:crypto';

import { Command, CommanderError } from 'commander';

import { numberFrom } from '../number-option.ts';

interface Given {
  events: number;
  seed?: number;
  minutes: number;
}

function commandLine(): Command {
  return new Command('npm run soak --')
    .description(
      'Sends events from the local Attro through the stand-in for Zapier to the built app while much of ' +
        'it goes wrong, and fails when one is lost, forged or doubled.',
    )
    .option('--events <n>', 'how many events', numberFrom(10, 1_000_000), 1000)
    .option(
      '--seed <n>',
      'what goes wrong: the same for the same number; default: another each time',
      numberFrom(0, 1e9),
    )
    .option('--minutes <n>', 'the longest that it takes', numberFrom(0.01, 1440, 'any'), 30)
    .helpOption('--help', 'shows this')
    .allowExcessArguments(false)
    .exitOverride();
}

async function main(given: Given): Promise<void> {
  const { events, seed = randomInt(1e9), minutes } = given;
  // All that it runs, which takes longer to load than options that are wrong take to be told.
  const { tableOf } = await import('./report.ts');
  const { runSoak } = await import('./run.ts');
  console.log(`${events.toLocaleString('en-US')} events, --seed ${seed}, Node ${process.version}`);
  const report = await runSoak({
    ...{ events, seed, minutes },
    onProgress: (sent) => {
      console.error(`${sent.toLocaleString('en-US')} sent …`);
    },
  });
  console.log(tableOf(report));
  for (const problem of report.problems) console.error(problem);
  if (report.problems.length > 0) process.exitCode = 1;
}

const command = commandLine();
try {
  command.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exit(error.exitCode === 0 ? 0 : 2);
}
// Ends as usual, and with it what it has started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await main(command.opts<Given>());
} catch (error) {
  console.error(`Failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
