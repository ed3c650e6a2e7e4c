using Engagement.Api.Demo.Chain;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Tests.Api.Demo;

/// <summary>What tests of the demo's data ask again and again.</summary>
internal static class DemoDay
{
    /// <summary>An ordinary day.</summary>
    public static readonly int Today = ChinaTime.DayOf(new DateOnly(2026, 11, 22));

    /// <summary>Month and day of a row's birthday, or <c>null</c>.</summary>
    public static (int Month, int Day)? BirthdayOf(MemberRow row)
    {
        var digits = row.Birthday.Split('-', '/');
        if (row.Birthday.Length == 0) return null;
        if (digits.Length == 1) return (int.Parse(row.Birthday[4..6]), int.Parse(row.Birthday[6..]));
        return (int.Parse(digits[^2]), int.Parse(digits[^1]));
    }

    /// <summary>The last covered day of each medicine of each member, added up as a pharmacist would.</summary>
    public static Dictionary<(string MemberNo, string Medicine), int> Coverage(ChainData chain)
    {
        var products = chain.Products.ToDictionary(p => p.Sku);
        var ends = new Dictionary<(string, string), int>();
        foreach (var line in chain.Lines.Where(l => l.Event == PurchaseEvent.Sale).OrderBy(l => l.BusinessDay))
        {
            var product = products[line.Sku];
            if (product.Therapy is null || ProductList.SupplyDays(product) is var days && days == 0) continue;
            var key = (line.MemberNo, product.GenericName + product.Strength);
            ends[key] = Math.Max(ends.GetValueOrDefault(key), line.BusinessDay - 1) + days * line.Quantity;
        }

        return ends;
    }
}
