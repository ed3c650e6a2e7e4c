using Engagement.Storage;

namespace Engagement.Members.Consents;

/// <summary>The channels on which an address can be barred.</summary>
public enum AddressKind
{
    /// <summary>A phone number, for SMS.</summary>
    Phone = 1,
}

/// <summary>What a barred address does not get any more.</summary>
public enum SuppressionScope
{
    /// <summary>Commercial messages.</summary>
    Commercial = 1,

    /// <summary>Reminders.</summary>
    Reminders = 2,
}

/// <summary>Addresses that must not be written to, whoever owns them: families share phones, and one refusal counts for all.</summary>
public static class SuppressionStore
{
    private const string BumpOwners = "UPDATE member SET gate_version = gate_version + 1 WHERE phone_index IN @indexes";

    /// <summary>Bars an address inside the caller's write; again is harmless.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="kind">The kind of address.</param>
    /// <param name="indexes">Its blind index under every key in use, the current one first.</param>
    /// <param name="scope">What stops.</param>
    /// <param name="reason">Why, as a code: <c>reply_r</c>, <c>provider_blacklist</c> …</param>
    /// <param name="at">When (business time), Unix milliseconds.</param>
    public static async Task BarAsync(Tx tx, AddressKind kind, IReadOnlyList<string> indexes, SuppressionScope scope, string reason, long at)
    {
        await tx.InsertManyAsync(
            "INSERT INTO suppression (channel, address_index, scope, reason, created_at)", [indexes[0]],
            (index, v) => (v[0], v[1], v[2], v[3], v[4]) = ((int)kind, index, (int)scope, reason, at),
            tx.Dialect.OnConflictKeep("channel, address_index, scope")).ConfigureAwait(false);
        await tx.ExecuteAsync(BumpOwners, new { indexes }).ConfigureAwait(false);
    }
}
