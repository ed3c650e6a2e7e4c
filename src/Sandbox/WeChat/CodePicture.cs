using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Sandbox.WeChat;

/// <summary>A PNG that looks like a mini-program code: rays of dots around a middle, different for each content. No phone reads it.</summary>
internal static class CodePicture
{
    private const int Rays = 60;
    private const int Rings = 9;

    /// <summary>A square grey picture of this width.</summary>
    public static byte[] Draw(string content, int width)
    {
        var bits = SHA512.HashData(Encoding.UTF8.GetBytes(content));
        var raw = new byte[(width + 1) * width];
        for (var y = 0; y < width; y++)
        {
            for (var x = 0; x < width; x++) raw[y * (width + 1) + 1 + x] = IsDark(x - width / 2.0, y - width / 2.0, width, bits) ? (byte)20 : (byte)255;
        }

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), width);
        header[8] = 8; // bits a pixel, colour type 0 = grey
        Chunk(png, "IHDR"u8, header);
        Chunk(png, "IDAT"u8, Deflate(raw));
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static bool IsDark(double x, double y, int width, byte[] bits)
    {
        var radius = Math.Sqrt(x * x + y * y) / (width / 2.0);
        if (radius < 0.3) return radius > 0.26 || radius < 0.12;
        if (radius > 0.95) return false;
        var ray = (int)((Math.Atan2(y, x) + Math.PI) / (2 * Math.PI) * Rays) % Rays;
        var ring = (int)((radius - 0.3) / 0.65 * Rings);
        var bit = ray * Rings + ring;
        return ((bits[bit / 8 % bits.Length] >> (bit % 8)) & 1) == 1;
    }

    private static byte[] Deflate(byte[] raw)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(raw);
        return packed.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(type, data));
        png.Write(number);
    }

    private static uint Crc32(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var crc = Add(Add(uint.MaxValue, type), data);
        return ~crc;

        static uint Add(uint crc, ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                crc ^= b;
                for (var i = 0; i < 8; i++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
            return crc;
        }
    }
}
