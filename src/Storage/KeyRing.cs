using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Storage;

/// <summary>The keys that protect personal data: outside the database, in a folder that only the owner may read.</summary>
/// <remarks>New data is written under the current key; older ids stay readable until everything is rewritten.</remarks>
public sealed partial class KeyRing
{
    /// <summary>The file inside the key folder.</summary>
    public const string FileName = "keys.json";

    private readonly Dictionary<byte, Pair> _pairs;

    private KeyRing(Document document)
    {
        Demo = document.Demo;
        Current = document.Current;
        _pairs = document.Keys.ToDictionary(k => k.Id, k => new Pair(Convert.FromBase64String(k.Field), Convert.FromBase64String(k.Index)));
        if (!_pairs.ContainsKey(Current)) throw Unusable($"it has no key {Current}", $"缺少编号为 {Current} 的密钥");
        if (_pairs.Values.Any(p => p.Field.Length != 32 || p.Index.Length != 32)) throw Unusable("a key is not 32 bytes long", "有密钥不是 32 字节");
    }

    /// <summary>Whether these keys were made for a demonstration; a MySQL installation refuses them.</summary>
    public bool Demo { get; }

    /// <summary>The id of the key that new data is written under.</summary>
    public byte Current { get; }

    /// <summary>All ids, the current one first: a blind index is looked up under each.</summary>
    public IEnumerable<byte> Ids => _pairs.Keys.OrderBy(id => id == Current ? 0 : 1).ThenByDescending(id => id);

    internal byte[] FieldKey(byte id) => _pairs.TryGetValue(id, out var pair) ? pair.Field : throw Unusable($"it has no key {id}", $"缺少编号为 {id} 的密钥");

    internal byte[] IndexKey(byte id) => _pairs[id].Index;

    /// <summary>Reads the keys of <paramref name="folder"/>.</summary>
    /// <exception cref="StorageException"><c>keys_missing</c> or <c>keys_unusable</c>.</exception>
    public static KeyRing Load(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            throw new StorageException("keys_missing", new(
                $"找不到密钥文件 {file}。新安装请运行 engage keys create；已有数据时请从备份恢复密钥，否则个人信息无法解密。",
                $"There is no key file {file}. For a new installation run engage keys create; with existing data restore the keys from their backup, for nothing else can decrypt it."));
        }

        try
        {
            return new KeyRing(JsonSerializer.Deserialize(File.ReadAllText(file), KeyJson.Default.Document) ?? throw Unusable("it is empty", "文件为空"));
        }
        catch (Exception failure) when (failure is JsonException or FormatException or ArgumentException)
        {
            throw Unusable("it is not valid", "格式不对");
        }
    }

    /// <summary>Makes a folder with one fresh key, readable by the owner only. Never overwrites.</summary>
    /// <exception cref="StorageException"><c>keys_exist</c>.</exception>
    public static KeyRing Create(string folder, bool demo)
    {
        var file = Path.Combine(folder, FileName);
        if (File.Exists(file))
        {
            throw new StorageException("keys_exist", new(
                $"{file} 已存在，不会覆盖：覆盖后旧数据将无法解密。", $"{file} exists and is not overwritten: the old data could never be decrypted again."));
        }

        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var document = new Document(demo, 1, [new Entry(1, Fresh(), Fresh())]);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        JsonSerializer.Serialize(stream, document, KeyJson.Default.Document);
        // What is encrypted under it may be on disk within milliseconds; the key must be there first.
        stream.Flush(flushToDisk: true);
        return new KeyRing(document);
    }

    private static string Fresh() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static StorageException Unusable(string en, string zh) =>
        new("keys_unusable", new($"密钥文件不可用：{zh}。请从备份恢复。", $"The key file cannot be used: {en}. Restore it from its backup."));

    private sealed record Pair(byte[] Field, byte[] Index);

    internal sealed record Document(bool Demo, byte Current, Entry[] Keys);

    internal readonly record struct Entry(byte Id, string Field, string Index);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(Document))]
    internal sealed partial class KeyJson : JsonSerializerContext;
}
