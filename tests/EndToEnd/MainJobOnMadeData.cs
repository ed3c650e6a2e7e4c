using static Engagement.EndToEnd.Contract;

namespace Engagement.EndToEnd;

/// <summary>What a newcomer sees in the first two minutes, on the chain that the run makes itself.</summary>
public sealed class MainJobOnMadeData(MainJobOnMadeData.Done done) : IClassFixture<MainJobOnMadeData.Done>
{
    /// <summary>A first run, a second one on the same folder, and one three days later.</summary>
    public sealed class Done : IAsyncLifetime
    {
        public DemoFolder Folder { get; } = new();

        public Finished First { get; private set; } = null!;

        public Finished Second { get; private set; } = null!;

        public Finished ThreeDaysOn { get; private set; } = null!;

        public System.Text.Json.JsonElement FirstSummary { get; private set; }

        public System.Text.Json.JsonElement SecondSummary { get; private set; }

        public System.Text.Json.JsonElement LaterSummary { get; private set; }

        public async Task InitializeAsync()
        {
            First = await Folder.OnceAsync();
            FirstSummary = Folder.Summary();
            Second = await Folder.OnceAsync();
            SecondSummary = Folder.Summary();
            await Folder.EngageAsync("demo", "advance", "3");
            ThreeDaysOn = await Folder.OnceAsync();
            LaterSummary = Folder.Summary();
        }

        public Task DisposeAsync()
        {
            Folder.Dispose();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void It_ends_well_and_every_sum_holds()
    {
        Assert.True(done.First.ExitCode == 0, done.First.ToString());
        Contract.Holds(done.FirstSummary);
        Assert.All(Producers, producer => Assert.True(Number(Run(done.FirstSummary, producer), "enqueued") >= 10, producer));
        Assert.All(Producers, producer => Assert.Equal(0, Number(Run(done.FirstSummary, producer), "pending")));
        Assert.Contains("Lost 0 · doubled 0", done.First.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_does_not_keep_a_newcomer_waiting_and_the_second_run_less_so()
    {
        Assert.True(done.FirstSummary.GetProperty("seconds").GetDouble() < 120);
        Assert.True(done.SecondSummary.GetProperty("seconds").GetDouble() < 60);
    }

    [Fact]
    public void No_number_and_nobodys_medicine_is_written_on_the_terminal()
    {
        foreach (var run in (Finished[])[done.First, done.Second, done.ThreeDaysOn])
        {
            Assert.DoesNotMatch(@"\b1[3-9]\d{9}\b", run.Output);
            Assert.DoesNotContain("氨氯地平", run.Output, StringComparison.Ordinal);
            Assert.Equal("", run.Errors);
        }
    }

    [Theory]
    [InlineData("birthday", "excluded", "no_marketing_consent")]
    [InlineData("refill", "excluded", "no_health_consent")]
    [InlineData("refill", "excluded", "no_reminder_consent")]
    [InlineData("promotion", "excluded", "no_marketing_consent")]
    [InlineData("promotion", "suppressed", "inbox_only")]
    [InlineData("promotion", "suppressed", "cap_reached")]
    public void Every_reason_of_the_story_occurs(string producer, string part, string reason) =>
        Assert.True(Run(done.FirstSummary, producer).GetProperty(part).GetProperty(reason).GetInt32() > 0);

    [Fact]
    public void Only_the_promotion_holds_members_out()
    {
        Assert.Equal(0, Number(Run(done.FirstSummary, "birthday"), "heldOut"));
        Assert.Equal(0, Number(Run(done.FirstSummary, "refill"), "heldOut"));
        var promotion = Run(done.FirstSummary, "promotion");
        var share = Number(promotion, "heldOut") / (double)(Number(promotion, "heldOut") + Number(promotion, "enqueued"));
        Assert.InRange(share, 0.06, 0.14);
    }

    [Fact]
    public void A_promotion_that_names_a_prescription_medicine_is_refused_with_the_article_of_law()
    {
        Assert.Contains("refused at approval", done.First.Output, StringComparison.Ordinal);
        Assert.Contains("阿托伐他汀", done.First.Output, StringComparison.Ordinal);
        Assert.Contains("《广告法》第十五条", done.First.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_sends_nothing_and_says_so()
    {
        Assert.True(done.Second.ExitCode == 0, done.Second.ToString());
        Contract.Holds(done.SecondSummary);
        Assert.All(Producers, producer => Assert.Equal(0, Number(Run(done.SecondSummary, producer), "enqueued")));
        Assert.Equal(0, Number(done.SecondSummary.GetProperty("sandbox"), "accepted"));
        var made = Producers.Sum(producer => Number(Run(done.FirstSummary, producer), "enqueued"));
        Assert.Contains($"0 new, {made} already", done.Second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_days_on_the_next_steps_go_out()
    {
        Assert.True(done.ThreeDaysOn.ExitCode == 0, done.ThreeDaysOn.ToString());
        Contract.Holds(done.LaterSummary);
        Assert.True(Number(Run(done.LaterSummary, "refill"), "sent") > 0);
        Assert.True(Number(Run(done.LaterSummary, "birthday"), "enqueued") > 0);
        Assert.Equal(0, Number(Run(done.LaterSummary, "promotion"), "enqueued"));
    }

    [Theory]
    [InlineData("D0001", "Delivered (WeChat subscribe message)", "续购提醒已生成")]
    [InlineData("D0002", "birthday   Delivered (WeChat subscribe message)", "生日祝福")]
    [InlineData("D0003", "Delivered (SMS)", "WeChat: no subscription left")]
    [InlineData("D0004", "Withdrew: use of health data", "no consent to the use of health data, or it was withdrawn")]
    [InlineData("D0005", "Not sent: held out", "in the holdout")]
    public async Task Why_tells_what_became_of_each_of_the_five(string member, string what, string because)
    {
        var why = await done.Folder.EngageAsync("why", member);

        Assert.Equal(0, why.ExitCode);
        Assert.Contains(what, why.Output, StringComparison.Ordinal);
        Assert.Contains(because, why.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("D0001")]
    [InlineData("D0003")]
    public async Task No_text_that_others_can_read_names_a_medicine(string member)
    {
        var why = await done.Folder.EngageAsync("why", member, "refill");

        Assert.Contains("│", why.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("氨氯地平", why.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("二甲双胍", why.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("他汀", why.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_several_carry_shows_each_and_an_unknown_one_is_refused()
    {
        Assert.Contains("王秀兰", (await done.Folder.EngageAsync("why", "王秀兰")).Output, StringComparison.Ordinal);
        var unknown = await done.Folder.EngageAsync("why", "司马相如如");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("No member", unknown.Errors, StringComparison.Ordinal);
    }
}
