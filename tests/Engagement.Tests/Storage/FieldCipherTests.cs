using System.Security.Cryptography;
using System.Text;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>Personal data opens for its own row and column under a key that is known, and for nothing else.</summary>
public sealed class FieldCipherTests : IDisposable
{
    private static readonly CipherColumn s_phone = new("member", "phone");

    private readonly TempFolder _folder = new();
    private readonly FieldCipher _cipher;

    public FieldCipherTests() => _cipher = new FieldCipher(KeyRing.Create(_folder["keys"], demo: true));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("13900000000")]
    [InlineData("欧阳娜娜·𠮷 👩‍⚕️")]
    public void What_was_encrypted_is_decrypted(string text)
    {
        Assert.Equal(text, _cipher.Decrypt(s_phone, 42, _cipher.Encrypt(s_phone, 42, text)));
    }

    [Fact]
    public void Nothing_stays_nothing()
    {
        Assert.Null(_cipher.Encrypt(s_phone, 42, null));
        Assert.Null(_cipher.Decrypt(s_phone, 42, null));
    }

    [Fact]
    public void Any_text_of_any_length_makes_the_trip()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(200)).Select(_ => new Rune(random.Next(2) == 0 ? random.Next(1, 0xD800) : random.Next(0x10000, 0x110000)).ToString()));
            var row = random.NextInt64();
            Assert.Equal(text, _cipher.Decrypt(s_phone, row, _cipher.Encrypt(s_phone, row, text)));
        }
    }

    [Fact]
    public void The_same_text_never_looks_the_same_twice()
    {
        var seen = Enumerable.Range(0, 1_000).Select(_ => Convert.ToHexString(_cipher.Encrypt(s_phone, 42, "13900000000")!)).ToHashSet();

        Assert.Equal(1_000, seen.Count);
        Assert.All(seen, hex => Assert.DoesNotContain(Convert.ToHexString("13900000000"u8), hex));
    }

    [Fact]
    public void A_value_that_was_copied_elsewhere_does_not_open()
    {
        var value = _cipher.Encrypt(s_phone, 42, "13900000000");

        Assert.ThrowsAny<CryptographicException>(() => _cipher.Decrypt(s_phone, 43, value));
        Assert.ThrowsAny<CryptographicException>(() => _cipher.Decrypt(s_phone with { Name = "name" }, 42, value));
        Assert.ThrowsAny<CryptographicException>(() => _cipher.Decrypt(s_phone with { Table = "staff" }, 42, value));
        Assert.Equal("13900000000", _cipher.Decrypt(s_phone, 42, value));
    }

    [Fact]
    public void Any_flipped_bit_is_noticed()
    {
        var value = _cipher.Encrypt(s_phone, 42, "13900000000")!;
        for (var bit = 0; bit < value.Length * 8; bit++)
        {
            value[bit / 8] ^= (byte)(1 << (bit % 8));
            var failure = Record.Exception(() => _cipher.Decrypt(s_phone, 42, value));
            // The first byte names the key: a key that does not exist is a matter for the operator.
            Assert.True(bit < 8 ? failure is StorageException { Code: "keys_unusable" } : failure is CryptographicException, $"bit {bit}: {failure}");
            value[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_value_that_was_cut_off_is_noticed()
    {
        var value = _cipher.Encrypt(s_phone, 42, "13900000000")!;
        for (var length = 0; length < value.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(() => _cipher.Decrypt(s_phone, 42, value[..length]));
        }
    }

    [Fact]
    public void After_rotation_old_values_open_and_new_ones_are_under_the_new_key()
    {
        var old = _cipher.Encrypt(s_phone, 42, "13900000000")!;
        var rotated = new FieldCipher(KeyFiles.Rotate(_folder["keys"]));

        var fresh = rotated.Encrypt(s_phone, 42, "13900000000")!;

        Assert.Equal((1, 2), (old[0], fresh[0]));
        Assert.Equal("13900000000", rotated.Decrypt(s_phone, 42, old));
        Assert.Equal("13900000000", rotated.Decrypt(s_phone, 42, fresh));
        Assert.Throws<StorageException>(() => _cipher.Decrypt(s_phone, 42, fresh));
        fresh[0] = 1;
        Assert.ThrowsAny<CryptographicException>(() => rotated.Decrypt(s_phone, 42, fresh));
    }

    [Fact]
    public async Task Many_threads_share_one_cipher()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                Assert.Equal($"第{i}位会员", _cipher.Decrypt(s_phone, thread, _cipher.Encrypt(s_phone, thread, $"第{i}位会员")));
            }
        })));
    }
}

/// <summary>Encrypted values are found again, and columns cannot be joined by what finds them.</summary>
public sealed class BlindIndexTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly KeyRing _keys;
    private readonly BlindIndex _index;

    public BlindIndexTests()
    {
        _keys = KeyRing.Create(_folder["keys"], demo: true);
        _index = new BlindIndex(_keys);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_value_has_one_index_of_thirty_two_plain_characters()
    {
        var all = Enumerable.Range(0, 2_000).Select(i => _index.Of("phone", $"139{i:00000000}")!).ToList();

        Assert.Equal(2_000, all.Distinct().Count());
        Assert.All(all, index => Assert.Matches("^[A-Za-z0-9_-]{32}$", index));
        Assert.Equal(all[7], new BlindIndex(KeyRing.Load(_folder["keys"])).Of("phone", "13900000007"));
    }

    [Fact]
    public void Nothing_has_no_index() => Assert.Null(_index.Of("phone", null));

    [Fact]
    public void Purposes_and_keys_give_other_indexes()
    {
        var other = new BlindIndex(KeyRing.Create(_folder["other"], demo: true));

        Assert.NotEqual(_index.Of("phone", "0000"), _index.Of("last_four", "0000"));
        Assert.NotEqual(_index.Of("phone", "0000"), other.Of("phone", "0000"));
    }

    [Fact]
    public void While_keys_rotate_a_value_is_looked_up_under_each_the_new_one_first()
    {
        var old = _index.Of("name", "王秀兰");
        Assert.Equal([old], _index.Candidates("name", "王秀兰"));

        var rotated = new BlindIndex(KeyFiles.Rotate(_folder["keys"]));

        Assert.Equal([rotated.Of("name", "王秀兰"), old], rotated.Candidates("name", "王秀兰"));
        Assert.NotEqual(old, rotated.Of("name", "王秀兰"));
    }
}
