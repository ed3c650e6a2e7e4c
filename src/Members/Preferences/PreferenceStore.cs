using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Preferences;

/// <summary>One switch of a member.</summary>
/// <param name="Name">Its name: <c>kind:promotion</c>, <c>channel:sms</c>, <c>private_mode</c>, <c>large_text</c>.</param>
/// <param name="On">On or off.</param>
/// <param name="Origin">Who said so: <c>member</c>, <c>staff</c>, <c>import</c> …</param>
/// <param name="At">When (business time), Unix milliseconds.</param>
public sealed record Preference(string Name, bool On, string Origin, long At);

/// <summary>What members switched on and off. A change counts from the next intent on: it raises the member's gate version.</summary>
public sealed class PreferenceStore(IdGenerator ids, Clocks clocks)
{
    /// <summary>Begins the names of kinds of messages.</summary>
    public const string Kind = "kind:";

    /// <summary>Begins the names of channels.</summary>
    public const string ChannelPrefix = "channel:";

    /// <summary>Nothing goes to the phone.</summary>
    public const string PrivateMode = "private_mode";

    /// <summary>Large letters in the mini-program.</summary>
    public const string LargeText = "large_text";

    private const string Insert = "INSERT INTO member_preference (member_id, name, value, origin, changed_at)";
    private const string Select = "SELECT name AS Name, value AS Value, origin AS Origin, changed_at AS ChangedAt FROM member_preference WHERE member_id = @member ORDER BY name";
    private const string SelectMuted = "SELECT muted_kinds AS Kinds, muted_channels AS Channels, private_mode AS PrivateMode FROM member WHERE id = @member";
    private const string UpdatePrivate = "UPDATE member SET private_mode = @value, gate_version = gate_version + 1, version = version + 1 WHERE id = @member";

    private readonly EventStore _events = new(ids);

    /// <summary>Switches a kind of message on or off.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="member">Whose.</param>
    /// <param name="number">The number of the kind.</param>
    /// <param name="code">Its stable name: <c>promotion</c>.</param>
    /// <param name="on">On or off.</param>
    /// <param name="origin">Who said so.</param>
    public Task SwitchKindAsync(Tx tx, MemberId member, int number, string code, bool on, string origin) => MuteAsync(tx, member, "muted_kinds", number, Kind + code, on, origin);

    /// <summary>Switches a channel on or off; see <see cref="SwitchKindAsync"/>.</summary>
    public Task SwitchChannelAsync(Tx tx, MemberId member, int number, string code, bool on, string origin) =>
        MuteAsync(tx, member, "muted_channels", number, ChannelPrefix + code, on, origin);

    /// <summary>Turns private mode on or off.</summary>
    public async Task SetPrivateModeAsync(Tx tx, MemberId member, bool on, string origin)
    {
        await tx.ExecuteAsync(UpdatePrivate, new { member = member.Value, value = on ? 1 : 0 }).ConfigureAwait(false);
        await NoteAsync(tx, member, PrivateMode, on, origin).ConfigureAwait(false);
        if (on) await TellAsync(tx, member).ConfigureAwait(false);
    }

    /// <summary>Notes a choice that no message rests on, such as <see cref="LargeText"/>.</summary>
    public Task NoteAsync(Tx tx, MemberId member, string name, bool on, string origin) => tx.InsertManyAsync(Insert, [name],
        (n, v) => (v[0], v[1], v[2], v[3], v[4]) = (member.Value, n, on ? 1 : 0, origin, clocks.Business.NowMs()),
        $"{tx.Dialect.OnConflictUpdate("member_id, name")} value = {tx.Dialect.New("value")}, origin = {tx.Dialect.New("origin")}, changed_at = {tx.Dialect.New("changed_at")}");

    /// <summary>Every choice that was made.</summary>
    public static async Task<IReadOnlyList<Preference>> ReadAsync(Session session, MemberId member) =>
        [.. (await session.QueryAsync<Row>(Select, new { member = member.Value }).ConfigureAwait(false)).Select(row => new Preference(row.Name, row.Value != 0, row.Origin, row.ChangedAt))];

    /// <summary>What is switched off now, as the gate reads it: bit n stands for the kind or channel with number n.</summary>
    public static async Task<(long Kinds, long Channels, bool PrivateMode)> MutedAsync(Session session, MemberId member) =>
        await session.SingleOrDefaultAsync<Muted>(SelectMuted, new { member = member.Value }).ConfigureAwait(false) is { } muted
            ? (muted.Kinds, muted.Channels, muted.PrivateMode != 0)
            : default;

    private async Task MuteAsync(Tx tx, MemberId member, string column, int number, string name, bool on, string origin)
    {
        var bit = 1L << number;
        var value = on ? $"{column} - ({column} & @bit)" : $"{column} + (@bit - ({column} & @bit))";
        await tx.ExecuteAsync($"UPDATE member SET {column} = {value}, gate_version = gate_version + 1 WHERE id = @member", new { member = member.Value, bit }).ConfigureAwait(false);
        await NoteAsync(tx, member, name, on, origin).ConfigureAwait(false);
        if (!on) await TellAsync(tx, member).ConfigureAwait(false);
    }

    // What waits is looked at again, as when a consent is taken back.
    private Task TellAsync(Tx tx, MemberId member) => _events.AppendAsync(tx, EventKind.ConsentWithdrawn, [member.Value]);

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public long Value { get; init; }
        public string Origin { get; init; } = "";
        public long ChangedAt { get; init; }
    }

    private sealed class Muted
    {
        public long Kinds { get; init; }
        public long Channels { get; init; }
        public long PrivateMode { get; init; }
    }
}
