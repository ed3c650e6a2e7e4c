using MathNet.Numerics.Distributions;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// When people buy and how much they spend, drawn from published parameters: the BG/NBD and Gamma-Gamma models of the
/// CDNOW customers (Fader, Hardie and Lee 2005), and the gaps between visits in a real Chinese counter's sales
/// (1,981 cards, mostly blood-pressure medicines).
/// </summary>
internal static class PurchaseModel
{
    // BG/NBD: purchase rates a week are Gamma(r, α) over people, the chance to leave after a repeat is Beta(a, b).
    public const double R = 0.243;
    public const double Alpha = 4.414;
    public const double A = 0.793;
    public const double B = 2.426;

    // Gamma-Gamma: a day's spend is Gamma(p, ν), ν is Gamma(q, γ) over people.
    public const double P = 6.25;
    public const double Q = 3.74;
    public const double Gamma = 15.44;

    // γ is in 1997 dollars of a record shop. Two yuan for each makes a mean ticket of 70 yuan, usual for a pharmacy.
    private const double FenPerUnit = 200;

    // Shares 0, .10, .25, .50, .75, .90, .95 and 1 of the gaps are at most so many days.
    private static readonly double[] s_gapShares = [0, .10, .25, .50, .75, .90, .95, 1];
    private static readonly double[] s_gapDays = [0, 2, 8, 18, 36, 66, 85, 120];

    /// <summary>The mean spend of a purchase day in fen: p·γ/(q−1).</summary>
    public static double MeanSpendFen => P * Gamma / (Q - 1) * FenPerUnit;

    /// <summary>
    /// When a person comes again, in weeks after the first purchase, up to <paramref name="weeks"/>. Nobody leaves before the
    /// first repeat: so the model has it.
    /// </summary>
    public static IEnumerable<double> RepeatWeeks(Random random, double weeks)
    {
        var rate = MathNet.Numerics.Distributions.Gamma.Sample(random, R, Alpha);
        var leaving = Beta.Sample(random, A, B);
        var alive = true;
        for (var at = NextAfter(0); alive && at <= weeks; at = NextAfter(at))
        {
            yield return at;
            alive = random.NextDouble() >= leaving;
        }

        double NextAfter(double at) => at - Math.Log(1 - random.NextDouble()) / rate;
    }

    /// <summary>One person's ν: what <see cref="SpendFen"/> asks for.</summary>
    public static double SpendLevel(Random random) => MathNet.Numerics.Distributions.Gamma.Sample(random, Q, Gamma);

    /// <summary>What that person spends on one day, at least one yuan.</summary>
    public static long SpendFen(Random random, double level) =>
        Math.Max(100, (long)(MathNet.Numerics.Distributions.Gamma.Sample(random, P, level) * FenPerUnit));

    /// <summary>Days until the next visit of somebody who takes medicines for long, at least one.</summary>
    public static int VisitGap(Random random)
    {
        var share = random.NextDouble();
        var i = 1;
        while (share > s_gapShares[i]) i++;
        var within = (share - s_gapShares[i - 1]) / (s_gapShares[i] - s_gapShares[i - 1]);
        return Math.Max(1, (int)Math.Ceiling(s_gapDays[i - 1] + within * (s_gapDays[i] - s_gapDays[i - 1])));
    }
}
