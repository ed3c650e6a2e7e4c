using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Merges;

/// <summary>Two records as they were before they were merged, and what became of the one that stayed.</summary>
internal sealed partial record Originals(OpenRecord Kept, OpenRecord Gone, OpenRecord Result)
{
    private static readonly CipherColumn s_column = new("member_merge", "originals");

    /// <summary>Sealed, as <c>member_merge</c> keeps them.</summary>
    public byte[] Seal(FieldCipher cipher, long merge) => cipher.Encrypt(s_column, merge, JsonSerializer.Serialize(this, OriginalsJson.Default.Originals))!;

    /// <summary>Opens them again.</summary>
    public static Originals Unseal(FieldCipher cipher, long merge, byte[] sealedOriginals) =>
        JsonSerializer.Deserialize(cipher.Decrypt(s_column, merge, sealedOriginals)!, OriginalsJson.Default.Originals)!;

    /// <summary>Masked.</summary>
    public override string ToString() => "Originals";

    [JsonSerializable(typeof(Originals))]
    private sealed partial class OriginalsJson : JsonSerializerContext;
}
