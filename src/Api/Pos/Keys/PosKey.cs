using System.Text.Json;

namespace Engagement.Api.Pos.Keys;

/// <summary>What a key may be used for.</summary>
internal enum PosRight
{
    /// <summary>Bring tickets in.</summary>
    Tickets = 1,

    /// <summary>Tell and read the totals of a day.</summary>
    Totals = 2,

    /// <summary>Look members up.</summary>
    Members = 3,

    /// <summary>Quote and redeem coupons and points.</summary>
    Redeem = 4,

    /// <summary>Show a pharmacist allergies and current medicines.</summary>
    Health = 5,
}

/// <summary>An API key of a till system, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it; never used again, also after it was revoked.</param>
/// <param name="Prefix">The part of the key that is no secret.</param>
/// <param name="Source">The source that its tickets carry, and whose cards it knows.</param>
/// <param name="Rights">What it may be used for.</param>
/// <param name="Stores">The stores that it is for; <c>null</c> is all.</param>
internal sealed record PosKey(long Id, string Name, string Prefix, string Source, IReadOnlyList<PosRight> Rights, IReadOnlyList<long>? Stores)
{
    public long MadeAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long? LastUsedAt { get; init; }

    public long? RevokedAt { get; init; }

    /// <summary>Whether it opens anything at that moment of the system clock.</summary>
    public bool IsLive(long now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Whether it is for this store.</summary>
    public bool Covers(long store) => Stores is null || Stores.Contains(store);

    /// <summary>A right as JSON, the table and the command line name it.</summary>
    public static string Code(PosRight right) => JsonNamingPolicy.SnakeCaseLower.ConvertName(right.ToString());

    /// <summary>Reads a right's name; <c>null</c> when there is none of that name.</summary>
    public static PosRight? Right(string code) => Enum.GetValues<PosRight>().Cast<PosRight?>().FirstOrDefault(right => Code(right!.Value) == code);

    public override string ToString() => $"pos key {Id} ({Name})";
}
