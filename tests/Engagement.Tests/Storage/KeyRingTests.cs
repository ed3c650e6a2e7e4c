using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>Keys are made once, kept from others, and never replaced by accident.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Keys => _folder["keys"];

    private string File => Path.Combine(Keys, KeyRing.FileName);

    [Fact]
    public void Keys_that_were_made_are_read_again()
    {
        var made = KeyRing.Create(Keys, demo: true);
        var read = KeyRing.Load(Keys);

        Assert.Equal((made.Demo, made.Current), (read.Demo, read.Current));
        Assert.True(read.Demo);
        Assert.Equal(made.FieldKey(1), read.FieldKey(1));
        Assert.Equal(made.IndexKey(1), read.IndexKey(1));
        Assert.NotEqual(read.FieldKey(1), read.IndexKey(1));
        Assert.False(KeyRing.Create(_folder["real"], demo: false).Demo);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_may_read_them()
    {
        Directory.CreateDirectory(Keys);
        KeyRing.Create(Keys, demo: true);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Keys));
    }

    [Fact]
    public void Two_installations_have_nothing_in_common()
    {
        Assert.NotEqual(KeyRing.Create(Keys, demo: true).FieldKey(1), KeyRing.Create(_folder["other"], demo: true).FieldKey(1));
    }

    [Fact]
    public void Existing_keys_are_not_overwritten()
    {
        KeyRing.Create(Keys, demo: true);
        var before = System.IO.File.ReadAllBytes(File);

        Assert.Equal("keys_exist", Assert.Throws<StorageException>(() => KeyRing.Create(Keys, demo: false)).Code);

        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void Missing_keys_say_what_to_do()
    {
        var failure = Assert.Throws<StorageException>(() => KeyRing.Load(Keys));

        Assert.Equal("keys_missing", failure.Code);
        Assert.Contains("engage keys create", failure.Sentence.En);
        Assert.Contains("备份", failure.Sentence.Zh);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"demo":true,"current":1}""")]
    [InlineData("""{"demo":true,"current":1,"keys":null}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[]}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[null]}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[{"id":1}]}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[{"id":1,"field":null,"index":null}]}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[{"id":1,"field":"AAAA","index":"AAAA"}]}""")]
    [InlineData("""{"demo":true,"current":1,"keys":[{"id":1,"field":"药","index":"药"}]}""")]
    [InlineData("""{"demo":true,"current":300,"keys":[]}""")]
    public void Damaged_keys_are_refused_and_left_as_they_are(string content)
    {
        Directory.CreateDirectory(Keys);
        System.IO.File.WriteAllText(File, content);

        Assert.Equal("keys_unusable", Assert.Throws<StorageException>(() => KeyRing.Load(Keys)).Code);

        Assert.Equal(content, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        KeyRing.Create(Keys, demo: true);
        var whole = System.IO.File.ReadAllText(File);
        for (var length = 0; length < whole.TrimEnd().Length; length++)
        {
            System.IO.File.WriteAllText(File, whole[..length]);
            Assert.Equal("keys_unusable", Assert.Throws<StorageException>(() => KeyRing.Load(Keys)).Code);
        }
    }

    [Fact]
    public void Two_keys_with_one_number_are_refused()
    {
        KeyRing.Create(Keys, demo: true);
        var document = JsonNode.Parse(System.IO.File.ReadAllText(File))!;
        document["keys"]!.AsArray().Add(document["keys"]![0]!.DeepClone());
        System.IO.File.WriteAllText(File, document.ToJsonString());

        Assert.Equal("keys_unusable", Assert.Throws<StorageException>(() => KeyRing.Load(Keys)).Code);
    }

    [Fact]
    public void The_current_key_comes_first_and_older_ones_follow()
    {
        KeyRing.Create(Keys, demo: true);
        KeyFiles.Rotate(Keys);

        Assert.Equal([3, 2, 1], KeyFiles.Rotate(Keys).Ids);
    }
}

/// <summary>What an operator does to a key file.</summary>
internal static class KeyFiles
{
    /// <summary>Adds a key and makes it the current one.</summary>
    public static KeyRing Rotate(string folder)
    {
        var file = Path.Combine(folder, KeyRing.FileName);
        var document = JsonNode.Parse(File.ReadAllText(file))!;
        var id = document["current"]!.GetValue<int>() + 1;
        document["current"] = id;
        document["keys"]!.AsArray().Add(new JsonObject { ["id"] = id, ["field"] = Fresh(), ["index"] = Fresh() });
        File.WriteAllText(file, document.ToJsonString());
        return KeyRing.Load(folder);
    }

    private static string Fresh() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
