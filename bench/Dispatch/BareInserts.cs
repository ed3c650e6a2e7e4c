using System.Data.Common;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Data.Sqlite;

namespace Engagement.Bench.Dispatch;

/// <summary>The rows of an expansion, and nothing else: prepared statements, as many rows in a commit. SQLite takes a row a statement, MySQL a list.</summary>
internal sealed class BareInserts : IAsyncDisposable
{
    private const string Member = "INSERT INTO run_member (run_id, member_id, arm, reason, message_id)";

    private const string Message = """
        INSERT INTO message (id, kind, class, run_id, member_id, shard, template_version_id, params, state, ready_at, not_after,
                             attempt_no, channels_tried, segments, cost_fen, created_at)
        """;

    private const string Key = "INSERT INTO message_key (dedupe_key, message_id)";

    private const long FirstMessage = 260_000_000_000_000_000;

    private readonly DispatchPlan _plan;
    private readonly DbConnection _connection;
    private readonly DbDataSource? _source;
    private readonly int _rows;

    private BareInserts(DispatchPlan plan, DbConnection connection, DbDataSource? source, int rows) => (_plan, _connection, _source, _rows) = (plan, connection, source, rows);

    public static async Task<BareInserts> OpenAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        if (plan.Settings.GetValueOrDefault("Database:ConnectionString") is { } address)
        {
            var source = MySqlDriver.CreateDataSource(address, 2);
            return new BareInserts(plan, await source.OpenConnectionAsync(ct), source, Dialect.MySql.RowsPerInsert);
        }

        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "engagement.db")};Pooling=False");
        await connection.OpenAsync(ct);
        await using var pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -24576; PRAGMA wal_autocheckpoint = 8000;";
        await pragmas.ExecuteNonQueryAsync(ct);
        return new BareInserts(plan, connection, null, 1);
    }

    public async Task RunAsync(int first, int count, CancellationToken ct)
    {
        await using var members = new Statement(_connection, Member, 5, _rows);
        await using var messages = new Statement(_connection, Message, 16, _rows);
        await using var keys = new Statement(_connection, Key, 2, _rows);
        var (ready, last) = (_plan.DueAt(0).ToUnixTimeMilliseconds(), _plan.NotAfter.ToUnixTimeMilliseconds());
        for (int i = first, end; i < first + count; i = end)
        {
            end = Math.Min(first + count, i + RunExpander.ChunkSize);
            await using var transaction = await _connection.BeginTransactionAsync(ct);
            var all = Enumerable.Range(i, end - i).ToList();
            await members.InsertAsync(all, transaction, (n, v) =>
                (v[0], v[1], v[2], v[3], v[4]) = (first, MadeUpMembers.Member(n), (int)Arm.Treated, DBNull.Value, FirstMessage + n), ct);
            await messages.InsertAsync(all, transaction, (n, v) =>
            {
                var member = MadeUpMembers.Member(n);
                (v[0], v[1], v[2], v[3], v[4], v[5]) = (FirstMessage + n, (int)MessageKind.Promotion, (int)DeliveryClass.Promotional, first, member, Shards.Of(new MemberId(member)));
                (v[6], v[7], v[8], v[9], v[10]) = (1L, "{}", (int)MessageState.Pending, ready, last);
                (v[11], v[12], v[13], v[14], v[15]) = (0, 0, 0, 0L, ready);
            }, ct);
            await keys.InsertAsync(all, transaction, (n, v) => (v[0], v[1]) = (MadeUpMembers.Key(MadeUpMembers.Member(n)), FirstMessage + n), ct);
            await transaction.CommitAsync(ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        if (_source is not null) await _source.DisposeAsync();
    }

    // One prepared statement for so many rows; the rest of a chunk gets one of its own.
    private sealed class Statement(DbConnection connection, string into, int columns, int rows) : IAsyncDisposable
    {
        private readonly Dictionary<int, DbCommand> _commands = [];

        public async Task InsertAsync(List<int> all, DbTransaction transaction, Action<int, object[]> fill, CancellationToken ct)
        {
            var values = new object[columns];
            for (int start = 0, count; start < all.Count; start += count)
            {
                count = Math.Min(rows, all.Count - start);
                var command = Of(count);
                command.Transaction = transaction;
                for (var i = 0; i < count; i++)
                {
                    fill(all[start + i], values);
                    for (var c = 0; c < columns; c++) command.Parameters[i * columns + c].Value = values[c];
                }

                await command.ExecuteNonQueryAsync(ct);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var command in _commands.Values) await command.DisposeAsync();
        }

        private DbCommand Of(int count)
        {
            if (_commands.TryGetValue(count, out var known)) return known;
            var command = _commands[count] = connection.CreateCommand();
            for (var p = 0; p < count * columns; p++)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ($"@p{p}", DBNull.Value);
                command.Parameters.Add(parameter);
            }

            command.CommandText = $"{into} VALUES {string.Join(',', Enumerable.Range(0, count).Select(row => $"({string.Join(',', Enumerable.Range(row * columns, columns).Select(p => $"@p{p}"))})"))}";
            return command;
        }
    }
}
