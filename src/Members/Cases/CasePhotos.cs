using Engagement.Storage;

namespace Engagement.Members.Cases;

/// <summary>Photos that members add to a case: pictures only, encrypted, seen by the member and by whoever may read the case.</summary>
public sealed class CasePhotos(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher)
{
    /// <summary>The largest picture.</summary>
    public const int LargestBytes = 5 * 1024 * 1024;

    private const int MostPerDay = 30;

    private static readonly CipherColumn s_image = new("case_photo", "image");

    private const string CountSince = "SELECT COUNT(*) FROM case_photo WHERE member_id = @member AND created_at > @since";
    private const string Insert = "INSERT INTO case_photo (id, member_id, content_type, size, image_cipher, created_at)";
    private const string SelectOwn = "SELECT id AS Id, content_type AS ContentType, image_cipher AS Image FROM case_photo WHERE id = @photo AND member_id = @member";
    private const string SelectOfCase = "SELECT id AS Id, content_type AS ContentType, image_cipher AS Image FROM case_photo WHERE id = @photo AND case_id = @id";

    /// <summary>Keeps a picture for a case that is still to be written.</summary>
    public async Task<(CaseOutcome Outcome, long Id)> AddAsync(MemberId member, byte[] image, CancellationToken ct)
    {
        if (image.Length > LargestBytes || TypeOf(image) is not { } type) return (CaseOutcome.NoPicture, 0);
        var (id, now) = (ids.Next(), clocks.Business.NowMs());
        var sealedImage = cipher.Encrypt(s_image, id, Convert.ToBase64String(image));
        return await database.WriteAsync(async tx =>
        {
            if (await tx.ScalarAsync<long>(CountSince, new { member = member.Value, since = now - 86_400_000 }).ConfigureAwait(false) >= MostPerDay) return (CaseOutcome.TooMany, 0L);
            await tx.InsertManyAsync(Insert, [id], (one, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (one, member.Value, type, image.Length, sealedImage, now)).ConfigureAwait(false);
            return (CaseOutcome.Done, id);
        }, ct).ConfigureAwait(false);
    }

    /// <summary>A member's own picture, or <c>null</c>.</summary>
    public Task<(string ContentType, byte[] Image)?> FindAsync(MemberId member, long photo, CancellationToken ct) => database.ReadAsync(session => OpenAsync(session, SelectOwn, new { photo, member = member.Value }), ct);

    /// <summary>A picture of a case that the caller may read, or <c>null</c>.</summary>
    public Task<(string ContentType, byte[] Image)?> OfCaseAsync(Session session, long id, long photo) => OpenAsync(session, SelectOfCase, new { id, photo });

    private async Task<(string, byte[])?> OpenAsync(Session session, string sql, object parameters) =>
        await session.SingleOrDefaultAsync<Row>(sql, parameters).ConfigureAwait(false) is { } row ? (row.ContentType, Convert.FromBase64String(cipher.Decrypt(s_image, row.Id, row.Image)!)) : null;

    // What a file is, its first bytes say; its name and the header of the request do not count.
    private static string? TypeOf(ReadOnlySpan<byte> image) =>
        image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : image.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : image.Length > 12 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8) ? "image/webp" : null;

    private sealed class Row
    {
        public long Id { get; init; }
        public string ContentType { get; init; } = "";
        public byte[]? Image { get; init; }
    }
}
