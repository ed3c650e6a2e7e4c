using System.Security.Cryptography;
using System.Text;
using Engagement.Members.Imports;
using Engagement.Members.Imports.Csv;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Imports;

/// <summary>Files as they come: good ones, bad rows, and those that cannot be read at all.</summary>
public sealed class ImportFileTests(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime, IDisposable
{
    private static readonly Encoding s_gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    private readonly TempFolder _folder = new();
    private Pharmacy _pharmacy = null!;

    private string Rejects => _folder["rejects.csv"];

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_example_files_import_and_show_what_is_refused()
    {
        var stores = await RunAsync(ImportKind.Stores, Sample("stores.csv"));
        var products = await RunAsync(ImportKind.Products, Sample("products.csv"));
        var members = await RunAsync(ImportKind.Members, Sample("members.csv"));
        var purchases = await RunAsync(ImportKind.Purchases, Sample("purchases.csv"));

        Assert.Equal((2, 6), (stores.Report!.Added, products.Report!.Added));
        Assert.Equal((3, 2, "phone_length"), (members.Report!.Rows, members.Report.Added, Assert.Single(members.Report.Rejected).Key));
        Assert.Equal((4, 3, "negative_quantity"), (purchases.Report!.Rows, purchases.Report.Added, Assert.Single(purchases.Report.Rejected).Key));
        Assert.Equal(Rejects, purchases.RejectsPath);
        Assert.Equal(["line,column,code,原因,reason", "5,quantity,negative_quantity,销售行的数量不能为负；退货请把事件写成“退货”。,A sale has no negative quantity; write a return as a refund."],
            await File.ReadAllLinesAsync(Rejects));
        Assert.Equal([("S001", 2, 6990L), ("S001", 1, -1990L)], purchases.Report.Totals.Select(t => (t.StoreCode, t.Lines, t.NetFen)));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-8 with mark")]
    [InlineData("gb18030")]
    public async Task The_encoding_is_found_from_the_bytes(string name)
    {
        const string Text = "卡号,姓名,联系电话\r\nM1,王秀蘭,19900000001\r\nM2,𠮷田慧,19900000002\r\n";
        var bytes = name switch
        {
            "utf-8" => Encoding.UTF8.GetBytes(Text),
            "gb18030" => s_gb18030.GetBytes(Text),
            _ => [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(Text)],
        };

        var result = await RunAsync(ImportKind.Members, await FileAsync(bytes));

        Assert.Equal(2, result.Report?.Added);
        Assert.Equal(name.Split(' ')[0], result.Encoding, ignoreCase: true);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), result.Sha256);
        Assert.Equal("𠮷田慧", await NameAsync("M2"));
    }

    [Theory]
    [InlineData("member_no,name,phone\nM1,王秀兰,19900000001\n")]
    [InlineData("member_no\tname\tphone\nM1\t王秀兰\t19900000001\n")]
    [InlineData("卡号;姓名;手机\nM1;王秀兰;19900000001")]
    [InlineData("\"Member No\",\" 姓名* \",\"手机号\"\n\"M1\",\"王秀\n兰\",\"19900000001\"\n\n,,\n")]
    public async Task Delimiters_quotes_and_headings_of_all_kinds_are_read(string text)
    {
        var result = await RunAsync(ImportKind.Members, await FileAsync(text));

        Assert.Equal((1, 1), (result.Report!.Rows, result.Report.Added));
        Assert.Equal("王秀兰", await NameAsync("M1"));
    }

    [Theory]
    [InlineData("", "file_empty", 0, "")]
    [InlineData("\n\n , \n", "file_empty", 0, "")]
    [InlineData("a,b,c\n1,2,3\n", "header_unknown", 1, "")]
    [InlineData("19900000001,王秀兰\n", "header_unknown", 1, "")]
    [InlineData("member_no,name\nM1,王秀兰\n", "column_missing", 1, "phone")]
    [InlineData("member_no,name,phone,手机\nM1,王秀兰,1,2\n", "column_twice", 1, "phone")]
    [InlineData("member_no,name,phone\nM1,王秀兰,19900000001\nM2,\"李强,19900000002\nM3,陈敏,19900000003\n", "quote_unclosed", 3, "")]
    [InlineData("member_no,name,phone\nM1,王秀兰,19900000001\nM2,\0李强,1\n", "file_is_binary", 3, "")]
    [InlineData("PK\u0003\u0004member_no,name,phone\n", "file_is_workbook", 0, "")]
    public async Task A_file_that_cannot_be_read_leaves_nothing_behind(string text, string code, int line, string column)
    {
        var result = await RunAsync(ImportKind.Members, await FileAsync(text));

        Assert.Null(result.Report);
        Assert.Equal((code, line, column), (result.Error!.Code, result.Error.Line, result.Error.Column));
        Assert.Contains(line == 0 ? "" : line.ToString(), result.Error.Sentence.Zh);
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM member"));
        Assert.False(File.Exists(Rejects));
    }

    [Fact]
    public async Task Bytes_of_no_encoding_are_refused_with_their_line()
    {
        byte[] bad = [.. "member_no,name,phone\nM1,王秀兰,19900000001\nM2,"u8, 0xff, 0xff, .. ",1\n"u8];

        var result = await RunAsync(ImportKind.Members, await FileAsync(bad));

        Assert.Equal(("encoding_unknown", 3), (result.Error!.Code, result.Error.Line));
    }

    [Fact]
    public async Task Encoding_and_quotes_are_judged_over_the_whole_file_wherever_its_pieces_are_cut()
    {
        // Longer than the pieces in which it is read, with Chinese characters and quoted line breaks at every offset.
        var text = new StringBuilder("member_no,name,phone\n");
        for (var i = 0; i < 60_000; i++) text.Append($"M{i},\"王秀兰\"\"{i}\n\"\"\",\n");
        var utf8 = Encoding.UTF8.GetBytes(text.ToString());

        foreach (var shift in (int[])[0, 1, 2, 3])
        {
            byte[] shifted = [.. Encoding.ASCII.GetBytes(new string('\n', shift)), .. utf8];
            var (file, error) = await CsvFile.InspectAsync(await FileAsync(shifted), default);
            Assert.Null(error);
            Assert.Equal((Encoding.UTF8.WebName, 120_001 + shift), (file!.Encoding.WebName, file.Lines));
            var (_, open) = await CsvFile.InspectAsync(await FileAsync([.. shifted, .. "X,\"open"u8]), default);
            Assert.Equal(("quote_unclosed", 120_002 + shift), (open!.Code, open.Line));
            var (gb, _) = await CsvFile.InspectAsync(await FileAsync(s_gb18030.GetBytes(new string('\n', shift) + text)), default);
            Assert.Equal("gb18030", gb!.Encoding.WebName, ignoreCase: true);
        }
    }

    [Fact]
    public async Task A_missing_file_a_folder_and_the_input_as_rejects_file_are_errors_not_crashes()
    {
        var path = await FileAsync("member_no,name,phone\n");

        Assert.Equal("file_missing", (await RunAsync(ImportKind.Members, _folder["nothing.csv"])).Error?.Code);
        Assert.Equal("file_missing", (await RunAsync(ImportKind.Members, _folder.Path)).Error?.Code);
        var same = await Front().RunAsync(ImportKind.Members, path, new ImportOptions(), path, null, default);
        Assert.Equal("rejects_is_input", same.Error?.Code);
        Assert.True(File.Exists(path));
        Assert.Equal(0, (await RunAsync(ImportKind.Members, path)).Report?.Rows);
    }

    [Fact]
    public async Task Bad_rows_are_listed_and_the_good_ones_come_in()
    {
        var huge = new string('长', 100_000);
        var path = await FileAsync($"""
            门店,小票号,日期,商品编码,数量,单价,实收,备注
            S1,T1,2026-03-01 星期日,AML28,1,10.00,10.00,
            S1,T2,2026-02-29,AML28,1,10.00,10.00,
            S1,T3,2026-03-01,AML28,-1,10.00,-10.00,
            S1,T4,2026-03-01,AML28,1,10.005,10.00,
            S1,{huge},2026-03-01,AML28,1,10.00,10.00,
            S1,T6,2026-03-01,AML28
            S1,T7,2026-03-01,AML28,1,10.00,10.00,x,y
            S1,T8,,AML28,1,10.00,10.00,
            S1,T9,2026-03-01,AML28,1.38E+10,10.00,10.00,
            S1,T10,2026-03-01,AML28,1,10,9.99,

            S1,T11,2026-03-01,AML28,1,１０.５,10.50,{huge}
            """);

        var result = await RunAsync(ImportKind.Purchases, path);

        Assert.Equal(
            ["3,business_date,date_invalid", "4,quantity,negative_quantity", "5,unit_price,decimal_invalid", "6,ticket_no,too_long", "7,,field_count", "8,,field_count",
                "9,business_date,missing", "10,quantity,number_scientific"],
            (await File.ReadAllLinesAsync(Rejects)).Skip(1).Select(l => string.Join(',', l.Split(',').Take(3))));
        Assert.Equal((11, 3, 8), (result.Report!.Rows, result.Report.Added, result.Report.Rejected.Values.Sum()));
        Assert.Equal(["备注"], result.IgnoredColumns);
        Assert.Equal([0L, 1L, 0L], await _pharmacy.QueryAsync<long>("SELECT discount_fen FROM purchase_line ORDER BY id"));
    }

    [Fact]
    public async Task A_list_of_an_earlier_run_does_not_outlive_a_clean_one()
    {
        await RunAsync(ImportKind.Members, await FileAsync("member_no,name,phone\nM1,王秀兰,123\n"));
        Assert.True(File.Exists(Rejects));

        var clean = await RunAsync(ImportKind.Members, await FileAsync("member_no,name,phone\nM1,王秀兰,19900000001\n"));

        Assert.Null(clean.RejectsPath);
        Assert.False(File.Exists(Rejects));
    }

    [Fact]
    public async Task Progress_counts_up_to_what_is_expected()
    {
        var seen = new List<ImportProgress>();
        var path = await FileAsync("member_no,name,phone\n" + string.Concat(Enumerable.Range(1, 10).Select(i => $"M{i},,{(i == 3 ? "1" : "")}\n")));

        await Front().RunAsync(ImportKind.Members, path, new ImportOptions(BatchRows: 4), null, new Listener(seen), default);

        Assert.Equal([new ImportProgress(4, 1, 10), new ImportProgress(8, 1, 10), new ImportProgress(10, 1, 10)], seen);
    }

    [Fact]
    public void The_document_lists_the_columns_that_are_read()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "imports.md"));
        foreach (var (heading, columns) in (IEnumerable<(string, IReadOnlyList<CsvColumn>)>)
                 [("stores", Tables.StoreColumns), ("products", Tables.ProductColumns), ("members", Tables.MemberColumns), ("purchases", Tables.PurchaseColumns)])
        {
            var section = text[text.IndexOf($"· {heading}\n", StringComparison.Ordinal)..].Split("\n## ")[0];
            var listed = section.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| column", StringComparison.Ordinal))
                .Select(l => l.Split('|')).Select(c => (Name: c[1].Trim(), Headings: c[2].Split('、', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), Required: c[3].Contains('✓')))
                .ToList();
            Assert.Equal(columns.Select(c => (c.Name, c.Required)), listed.Select(l => (l.Name, l.Required)));
            Assert.All(listed.Zip(columns), pair => Assert.Subset(pair.Second.Synonyms.ToHashSet(), pair.First.Headings.ToHashSet()));
        }
    }

    private ImportFile Front() => new(_pharmacy.Database, _pharmacy.Ids, _pharmacy.Cipher, _pharmacy.Index, _pharmacy.Clocks);

    private Task<ImportFileResult> RunAsync(ImportKind kind, string path) => Front().RunAsync(kind, path, new ImportOptions(), Rejects, null, default);

    private Task<string> FileAsync(string text) => FileAsync(Encoding.UTF8.GetBytes(text));

    private async Task<string> FileAsync(byte[] bytes)
    {
        await File.WriteAllBytesAsync(_folder["in.csv"], bytes);
        return _folder["in.csv"];
    }

    private async Task<string?> NameAsync(string no)
    {
        var id = Assert.Single(await _pharmacy.Members.FindAsync(no, 5, default));
        return (await _pharmacy.Members.ProfilesAsync([id], default))[id].Name?.Value;
    }

    private static string Sample(string name) => Path.Combine(Root(), "samples", "imports", name);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Engagement.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private sealed class Listener(List<ImportProgress> seen) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => seen.Add(value);
    }
}
