using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace Engagement.Api.Demo.Chain;

/// <summary>What a stream of random numbers is for: two purposes of one member never share numbers.</summary>
internal enum Draw
{
    Person = 1,
    History = 2,
    Ticket = 3,
    Regimen = 4,
    Duplicate = 5,
    Story = 6,
}

/// <summary>
/// The random numbers of one member for one purpose (SplitMix64). Ours, because a seeded <see cref="Random"/> knows
/// only 2³¹ seeds, so that among a million members hundreds would live the same life, and because its numbers
/// may change with the runtime.
/// </summary>
internal sealed class SeededStream(int seed, Draw purpose, long index) : RandomSource(threadSafe: false)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix(Mix((uint)seed) ^ (ulong)purpose) ^ (ulong)index);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A whole number, both ends included.</summary>
    public int Between(int low, int high) => Next(low, high + 1);

    /// <summary>Any of the items, each as likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>The index of one of the weights, each as likely as its share.</summary>
    public int Weighted(ReadOnlySpan<int> weights)
    {
        var total = 0;
        foreach (var weight in weights) total += weight;
        var left = Next(total);
        for (var i = 0; ; i++)
        {
            left -= weights[i];
            if (left < 0) return i;
        }
    }

    /// <summary>A normal deviation, rounded to whole days.</summary>
    public int Jitter(double days) => (int)Math.Round(Normal.Sample(this, 0, days));

    /// <summary>Decimal digits.</summary>
    public string Digits(int count) => string.Create(count, this, static (span, stream) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = (char)('0' + stream.Next(10));
    });

    /// <inheritdoc/>
    protected override double DoSample()
    {
        var bits = Mix(_state) >> 11;
        _state += Golden;
        return bits * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
