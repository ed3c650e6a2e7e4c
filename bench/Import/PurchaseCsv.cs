using System.Globalization;

namespace Engagement.Bench.Import;

/// <summary>Makes the till export that is imported: the shape of a chain, the same for the same size.</summary>
internal static class PurchaseCsv
{
    public const int Stores = 20;
    public const int Products = 400;
    private const int Days = 540;
    private const int LinesPerMember = 20;

    public static int Members(int lines) => Math.Max(100, lines / LinesPerMember);

    /// <summary>Writes tickets in the order of their days, as a till does: 1 to 4 lines, nine of ten with a member, some batch and trace codes.</summary>
    public static async Task WriteAsync(string path, int lines, DateOnly last, CancellationToken ct)
    {
        var random = new Random(42);
        await using var file = new StreamWriter(path, false, new System.Text.UTF8Encoding(false), 1 << 16);
        await file.WriteLineAsync("store_code,till_no,ticket_no,line_no,business_date,event,member_no,sku,quantity,unit_price,discount,net,batch_no,trace_codes");
        for (int written = 0, ticket = 0; written < lines; ticket++)
        {
            ct.ThrowIfCancellationRequested();
            var date = last.AddDays(-Days + (int)((long)written * Days / lines)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var head = $"S{random.Next(Stores):00},{random.Next(1, 4)},T{ticket:00000000}";
            var member = random.Next(10) == 0 ? "" : $"M{random.Next(Members(lines)):0000000}";
            var count = Math.Min(random.Next(1, 5), lines - written);
            for (var line = 1; line <= count; line++, written++)
            {
                var (quantity, price) = (random.Next(1, 4), random.Next(500, 9900));
                var discount = random.Next(3) == 0 ? price / 10 : 0;
                var code = random.Next(4) == 0 ? $"8100{random.NextInt64(1_000_000_000_000_000, 9_999_999_999_999_999)}" : "";
                await file.WriteLineAsync(
                    $"{head},{line},{date},sale,{member},P{Skewed(random):000},{quantity},{Yuan(price)},{Yuan(discount)},{Yuan(quantity * price - discount)},B{random.Next(2000):0000},{code}");
            }
        }
    }

    // A few products make most of the sales.
    private static int Skewed(Random random) => (int)(Products * Math.Pow(random.NextDouble(), 2));

    private static string Yuan(int fen) => $"{fen / 100}.{fen % 100:00}";
}
