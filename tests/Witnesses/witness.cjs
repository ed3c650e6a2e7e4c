'use strict';
// What every witness does: run one scenario with one JSON argument and print what the SDK made of it, as one line.

module.exports = async scenarios => {
  const [name, argument] = process.argv.slice(2);
  const say = value => process.stdout.write(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString() : v)) + '\n');
  try {
    say({ result: await scenarios[name](JSON.parse(argument ?? '{}'), say) ?? null });
  } catch (error) {
    const { name: kind, code, message, statusCode, data } = error;
    say({ error: { kind, code: code ?? data?.Code ?? null, status: statusCode ?? data?.statusCode ?? null, message: String(message) } });
  }
};
