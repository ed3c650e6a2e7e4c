using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Engagement.Api.Demo.Chain;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Members.Products;

namespace Engagement.Tests.Api.Demo;

/// <summary>The shape of a chain that is made: counts, shares, sums, dates.</summary>
public sealed class MakingAChain
{
    private static readonly ChainData s_chain = ChainMaker.Make(new ChainOptions(DemoDay.Today));
    private static readonly Dictionary<string, ProductRow> s_products = s_chain.Products.ToDictionary(p => p.Sku);
    private static readonly Lazy<List<PurchaseLineRow>> s_lines = new(() => [.. s_chain.Lines]);
    private static readonly List<MemberRow> s_members = [.. s_chain.Members];

    [Fact]
    public void The_same_options_give_the_same_bytes()
    {
        var options = new ChainOptions(DemoDay.Today, Members: 400);

        Assert.Equal(Hash(ChainMaker.Make(options)), Hash(ChainMaker.Make(options)));
        Assert.NotEqual(Hash(ChainMaker.Make(options)), Hash(ChainMaker.Make(options with { Seed = 43 })));
    }

    [Fact]
    public void A_person_is_the_same_in_a_small_chain_and_in_a_large_one()
    {
        static List<string> Names(int members) => [.. ChainMaker.Make(new ChainOptions(DemoDay.Today, members)).Members.Take(300).Select(m => m.MemberNo + m.Name + m.OpenId)];

        Assert.Equal(Names(5000), Names(50_000));
    }

    [Fact]
    public void It_has_the_size_that_the_domain_asks_for()
    {
        Assert.Equal(20, s_chain.Stores.Count);
        Assert.Equal(20, s_chain.Stores.Select(s => s.Code).Distinct().Count());
        Assert.Equal(20, s_chain.Stores.Select(s => s.City + s.Name).Distinct().Count());
        Assert.Equal(5005, s_chain.People);
        Assert.Equal(5005 + 250, s_members.Count);
        Assert.Equal(s_members.Count, s_members.Select(m => (m.Source, m.MemberNo)).Distinct().Count());
        Assert.InRange(s_lines.Value.Count, 84_000, 98_000);
    }

    [Fact]
    public void The_product_list_has_four_hundred_products_a_third_of_them_on_prescription()
    {
        Assert.Equal(400, s_chain.Products.Count);
        Assert.Equal(400, s_products.Count);
        Assert.Equal(140, s_chain.Products.Count(p => p.Class == ProductClass.Prescription));
        Assert.Equal(37, s_chain.Products.Where(p => p.Class == ProductClass.Prescription || p.GenericName is "布洛芬" or "对乙酰氨基酚" or "氯雷他定" or "西替利嗪")
            .Select(p => p.GenericName).Distinct().Count());
        Assert.Single(s_chain.Products, p => p.Class == ProductClass.Unknown);
        Assert.All(s_chain.Products, p => Assert.True(p.PriceFen > 0));
        Assert.All(s_chain.Products.Where(p => p.Therapy is not null), p => Assert.NotEqual("", p.GenericName));
        Assert.Equal(17_40, s_chain.Products[0].PriceFen);
        Assert.Equal(1000, s_chain.Products[0].UnitsPerDayMilli);
    }

    [Fact]
    public void Every_line_adds_up()
    {
        Assert.DoesNotContain(s_lines.Value, line => line.NetFen != line.Quantity * line.UnitPriceFen - line.DiscountFen);
        Assert.DoesNotContain(s_lines.Value, line => line.UnitPriceFen != s_products[line.Sku].PriceFen);
        Assert.DoesNotContain(s_lines.Value, line => line.Event == PurchaseEvent.Sale && line is not { Quantity: > 0, DiscountFen: >= 0, NetFen: >= 0 });
    }

    [Fact]
    public void Lines_of_a_ticket_stand_together_and_are_numbered_from_one()
    {
        var seen = new HashSet<(string, string)>();
        PurchaseLineRow? before = null;
        foreach (var line in s_lines.Value)
        {
            var continues = before is not null && before.TicketNo == line.TicketNo && before.Source == line.Source;
            Assert.Equal(continues ? before!.LineNo + 1 : 1, line.LineNo);
            if (continues) Assert.Equal((before!.StoreCode, before.TillNo, before.BusinessDay, before.MemberNo, before.Event), (line.StoreCode, line.TillNo, line.BusinessDay, line.MemberNo, line.Event));
            else Assert.True(seen.Add((line.Source, line.TicketNo)), "A ticket number occurs twice.");
            before = line;
        }
    }

    [Fact]
    public void No_ticket_is_of_today_or_of_a_stranger()
    {
        var members = s_members.Select(m => (m.Source, m.MemberNo)).ToHashSet();

        Assert.Equal(DemoDay.Today - 1, s_lines.Value.Max(l => l.BusinessDay));
        Assert.Equal(DemoDay.Today - 546, s_lines.Value.Min(l => l.BusinessDay));
        Assert.DoesNotContain(s_lines.Value, line => !members.Contains((line.Source, line.MemberNo)));
    }

    [Fact]
    public void Two_in_a_hundred_tickets_come_back_and_name_the_line_that_was_sold()
    {
        var sold = s_lines.Value.Where(l => l.Event == PurchaseEvent.Sale).ToDictionary(l => (l.Source, l.TicketNo, l.LineNo));
        var refunds = s_lines.Value.Where(l => l.Event == PurchaseEvent.Refund).ToList();

        Assert.InRange(refunds.Count / (double)sold.Values.Select(l => l.TicketNo).Distinct().Count(), 0.015, 0.025);
        Assert.All(refunds, refund =>
        {
            var sale = sold[(refund.Source, refund.OriginalTicketNo, refund.OriginalLineNo)];
            Assert.Equal((sale.Sku, sale.MemberNo, sale.StoreCode, -sale.Quantity, -sale.NetFen), (refund.Sku, refund.MemberNo, refund.StoreCode, refund.Quantity, refund.NetFen));
            Assert.InRange(refund.BusinessDay, sale.BusinessDay, sale.BusinessDay + 7);
        });
    }

    [Fact]
    public void Drugs_carry_batch_expiry_and_a_twenty_digit_code_a_pack_and_nothing_else_does()
    {
        var drugs = s_lines.Value.ToLookup(line => s_products[line.Sku].Class is ProductClass.Prescription or ProductClass.OtcA or ProductClass.OtcB);

        Assert.DoesNotContain(drugs[false], line => line is not { BatchNo: "", ExpiryDay: null, TraceCodes: [] });
        Assert.DoesNotContain(drugs[true], line => line.BatchNo.Length == 0 || line.TraceCodes.Count != Math.Abs(line.Quantity));
        Assert.DoesNotContain(drugs[true], line => line.ExpiryDay - line.BusinessDay is not (> 300 and < 800));
        Assert.DoesNotContain(drugs[true].SelectMany(line => line.TraceCodes), code => code.Length != 20 || !code.All(char.IsAsciiDigit));
        var codes = s_lines.Value.Where(l => l.Event == PurchaseEvent.Sale).SelectMany(l => l.TraceCodes).ToList();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.Contains(s_lines.Value.GroupBy(l => (l.Sku, l.BatchNo)), batch => batch.Key.BatchNo.Length > 0 && batch.Select(l => l.MemberNo).Distinct().Count() >= 10);
    }

    [Fact]
    public void A_fifth_of_the_members_take_medicines_for_long_one_to_four_of_them()
    {
        var medicines = DemoDay.Coverage(s_chain).Keys.Where(k => k.MemberNo[0] == 'M').GroupBy(k => k.MemberNo).ToList();

        Assert.InRange(medicines.Count, 970, 1000);
        Assert.All(medicines, member => Assert.InRange(member.Count(), 1, 4));
        Assert.InRange(medicines.Average(m => m.Count()), 1.6, 2.1);
    }

    [Fact]
    public void Medicines_are_bought_again_about_when_they_run_out()
    {
        var ends = new Dictionary<(string, string), int>();
        var late = new List<int>();
        foreach (var line in s_lines.Value.Where(l => l.MemberNo[0] == 'M' && l.Event == PurchaseEvent.Sale && s_products[l.Sku].Therapy is not null))
        {
            var key = (line.MemberNo, line.Sku);
            if (ends.TryGetValue(key, out var end)) late.Add(line.BusinessDay - end - 1);
            ends[key] = Math.Max(ends.GetValueOrDefault(key), line.BusinessDay - 1) + ProductList.SupplyDays(s_products[line.Sku]) * line.Quantity;
        }

        late.Sort();
        Assert.InRange(late[late.Count / 2], -12, 2);
        Assert.InRange(late[late.Count / 10], -40, -5);
        Assert.InRange(late[late.Count * 9 / 10], 0, 15);
    }

    [Fact]
    public void Five_in_a_hundred_have_a_second_row_of_each_kind()
    {
        var rows = s_members.ToDictionary(m => m.MemberNo);
        var pairs = s_members.Where(m => m.MemberNo.EndsWith('B')).Select(again => (First: rows[again.MemberNo[..^1]], Again: again)).ToList();

        Assert.Equal(250, pairs.Count);
        Assert.Contains(pairs, p => p.First.Phone == p.Again.Phone && p.Again.Name.StartsWith(p.First.Name, StringComparison.Ordinal) && p.Again.Name != p.First.Name);
        Assert.Contains(pairs, p => p.First.Phone == p.Again.Phone && p.Again.Name is "" or "会员");
        Assert.Contains(pairs, p => p.First.Phone == p.Again.Phone && p.Again.Name.Length > 0 && p.Again.Name[0] != p.First.Name[0] && p.Again.Name is not ("会员" or "顾客" or "匿名"));
        Assert.Contains(pairs, p => p.First.Phone != p.Again.Phone && p.First.Name == p.Again.Name && p.First.Birthday == p.Again.Birthday);
        Assert.All(pairs, p => Assert.Empty(p.Again.Consents));
    }

    [Fact]
    public void Consents_say_when_and_where_and_a_refusal_follows_what_it_takes_back()
    {
        Assert.All(s_members, member =>
        {
            Assert.All(member.Consents, c => Assert.InRange(c.Day, 0, DemoDay.Today - 1));
            Assert.All(member.Consents.Where(c => !c.Granted), no => Assert.Contains(member.Consents, yes => yes.Purpose == no.Purpose && yes.Granted && yes.Day <= no.Day));
            Assert.Equal(member.Consents.OrderBy(c => c.Purpose).ThenByDescending(c => c.Granted).Select(c => (c.Purpose, c.Granted)),
                member.Consents.GroupBy(c => c.Purpose).OrderBy(g => g.Key).SelectMany(g => g).Select(c => (c.Purpose, c.Granted)));
        });
        foreach (var purpose in Enum.GetValues<Purpose>())
            Assert.InRange(s_members.Count(m => m.Consents.LastOrDefault(c => c.Purpose == purpose) is { Granted: true }), 500, 5005);
    }

    [Fact]
    public void Identities_are_those_of_the_members_with_an_openid()
    {
        var identities = s_chain.Identities.ToList();

        Assert.Equal(s_members.Where(m => m.OpenId.Length > 0).Select(m => (m.MemberNo, m.OpenId)), identities.Select(i => (i.MemberNo, i.OpenId)));
        Assert.Equal(identities.Count, identities.Select(i => i.OpenId).Distinct().Count());
        Assert.All(identities.SelectMany(i => i.Grants), grant => Assert.True(grant is { TemplateKey: "birthday" or "refill" or "promotion", Count: > 0 }));
        Assert.Contains(identities, i => i.Grants.Count == 0);
    }

    [Fact]
    public void Rows_and_identities_hide_who_they_are()
    {
        Assert.All(s_members.Take(50), m => Assert.DoesNotContain(m.Name.Length > 0 ? m.Name : "王", m.ToString(), StringComparison.Ordinal));
        Assert.All(s_chain.Identities.Take(50), i => Assert.DoesNotContain(i.OpenId, i.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(1_000_001)]
    public void A_size_that_cannot_be_made_is_refused(int members)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChainMaker.Make(new ChainOptions(DemoDay.Today, members)));
    }

    // Weak references and not the size of the heap: other tests fill that at the same time.
    [Fact]
    public void Nothing_that_was_read_is_held_so_that_a_million_members_need_no_more_memory_than_a_thousand()
    {
        var chain = ChainMaker.Make(new ChainOptions(DemoDay.Today, Members: 5000));
        using var members = chain.Members.GetEnumerator();
        using var lines = chain.Lines.GetEnumerator();
        List<WeakReference> read = [.. Read(members, 2000), .. Read(lines, 20_000)];

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // The story's five and the ticket that is being read.
        Assert.InRange(read.Count(row => row.IsAlive), 0, 50);
        Assert.True(members.MoveNext() && lines.MoveNext());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> Read(IEnumerator<object> rows, int count)
    {
        var read = new List<WeakReference>(count);
        while (read.Count < count && rows.MoveNext()) read.Add(new WeakReference(rows.Current));
        return read;
    }

    private static string Hash(ChainData chain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in chain.Stores.Cast<object>().Concat(chain.Products).Concat(chain.Members).Concat(chain.Lines).Concat(chain.Identities))
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(row, row.GetType()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
