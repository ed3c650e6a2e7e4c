using Engagement.Api.Demo.Chain;
using MathNet.Numerics.Distributions;

namespace Engagement.Tests.Api.Demo;

/// <summary>The samples against the published values and formulas (BG/NBD, Gamma-Gamma, a real counter's gaps).</summary>
public sealed class BuyingAsPublished
{
    private const int People = 150_000;

    [Theory]
    [InlineData(0.1429, 0.0078)]
    [InlineData(1, 0.0532)]
    [InlineData(3, 0.1506)]
    [InlineData(31.8571, 1.0405)]
    [InlineData(32, 1.0437)]
    [InlineData(78, 1.8576)]
    public void The_formula_that_the_samples_are_held_against_gives_the_published_values(double weeks, double published)
    {
        // Printed with all digits of the parameters; with the three that the samples use, the last value is 0.003 higher.
        Assert.Equal(published, ExpectedRepeats(weeks, 0.2425945, 4.4136019, 0.7929199, 2.4258881), 0.001);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(39)]
    [InlineData(78)]
    public void Repeat_purchases_average_what_the_formula_says(double weeks)
    {
        var expected = ExpectedRepeats(weeks, 0.243, 4.414, 0.793, 2.426);

        Assert.Equal(expected, Repeats(weeks).Average(), expected * 0.03);
    }

    [Fact]
    public void As_many_never_come_again_as_the_model_says()
    {
        Assert.Equal(0.5737864, Repeats(39).Count(x => x == 0) / (double)People, 0.005);
    }

    [Fact]
    public void Repeats_are_in_order_and_within_the_time()
    {
        for (var i = 0; i < 5000; i++)
        {
            var weeks = PurchaseModel.RepeatWeeks(Stream(i), 52).ToList();
            Assert.Equal(weeks.Order(), weeks);
            Assert.All(weeks, at => Assert.InRange(at, 0, 52));
        }
    }

    [Fact]
    public void A_day_s_spend_averages_what_the_model_says()
    {
        var mean = Enumerable.Range(0, People).Average(i =>
        {
            var random = Stream(i);
            return PurchaseModel.SpendFen(random, PurchaseModel.SpendLevel(random));
        });

        Assert.Equal(PurchaseModel.MeanSpendFen, mean, PurchaseModel.MeanSpendFen * 0.01);
        Assert.Equal(6.25 * 15.44 / 2.74 * 200, PurchaseModel.MeanSpendFen, 0.01);
    }

    // Kolmogorov-Smirnov: 1.63/√n is the 1 % bar.
    [Fact]
    public void Spend_levels_follow_their_gamma_distribution()
    {
        const int Draws = 20_000;
        var levels = Enumerable.Range(0, Draws).Select(i => PurchaseModel.SpendLevel(Stream(i))).Order().ToList();

        var distance = levels.Select((level, i) => Math.Abs(Gamma.CDF(3.74, 15.44, level) - (i + 0.5) / Draws)).Max();

        Assert.InRange(distance, 0, 1.63 / Math.Sqrt(Draws));
    }

    [Theory]
    [InlineData(0.10, 2)]
    [InlineData(0.25, 8)]
    [InlineData(0.50, 18)]
    [InlineData(0.75, 36)]
    [InlineData(0.90, 66)]
    [InlineData(0.95, 85)]
    public void Gaps_between_visits_are_those_of_a_real_counter(double share, int days)
    {
        var random = Stream(1);
        var gaps = Enumerable.Range(0, 20_000).Select(_ => PurchaseModel.VisitGap(random)).Order().ToList();

        Assert.InRange(gaps[(int)(share * gaps.Count)], days - 1, days + 2);
        Assert.True(gaps[0] >= 1);
    }

    [Fact]
    public void A_stream_s_numbers_are_even_and_its_neighbours_differ()
    {
        var bins = new int[100];
        for (var i = 0; i < 100_000; i++) bins[(int)(Stream(i).NextDouble() * bins.Length)]++;

        // χ² with 99 degrees of freedom: 148 is the 0.1 % bar.
        Assert.InRange(bins.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000), 0, 148);
        Assert.NotEqual(Stream(1).NextDouble(), new SeededStream(42, Draw.Person, 1).NextDouble());
        Assert.NotEqual(Stream(1).NextDouble(), new SeededStream(43, Draw.History, 1).NextDouble());
    }

    private static SeededStream Stream(long index) => new(42, Draw.History, index);

    private static IEnumerable<int> Repeats(double weeks) => Enumerable.Range(0, People).Select(i => PurchaseModel.RepeatWeeks(Stream(i), weeks).Count());

    /// <summary>E[X(t)] of the BG/NBD model.</summary>
    private static double ExpectedRepeats(double t, double r, double alpha, double a, double b) =>
        (a + b - 1) / (a - 1) * (1 - Math.Pow(alpha / (alpha + t), r) * Hypergeometric(r, b, a + b - 1, t / (alpha + t)));

    private static double Hypergeometric(double a, double b, double c, double z)
    {
        var (sum, term) = (1.0, 1.0);
        for (var n = 0; n < 20_000 && Math.Abs(term) > 1e-15; n++)
        {
            term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
            sum += term;
        }

        return sum;
    }
}
