using System.Text;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Receipts, replies and the words by which people stop SMS.</summary>
public sealed class ReadingSmsPushes
{
    [Fact]
    public void Receipts_are_read_one_by_one_with_Beijing_times()
    {
        var push = AliyunPush.ParseReceipts(Bytes("""
            [{"phone_number":"13800000000","send_time":"2026-03-01 10:00:00","report_time":"2026-03-01 10:00:05","success":true,
              "err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"2","biz_id":"900619746936498440^0","out_id":"m-1"},
             {"phone_number":"13800000001","report_time":"soon","success":false,"err_code":"MK:0001","sms_size":1,"biz_id":"900619746936498440^0"}]
            """));

        Assert.Null(push.Problem);
        Assert.Equal(
            [
                new SmsReceipt("13800000000", "900619746936498440^0", "m-1", true, "DELIVERED", 2, new DateTimeOffset(2026, 3, 1, 2, 0, 5, TimeSpan.Zero)),
                new SmsReceipt("13800000001", "900619746936498440^0", "", false, "MK:0001", 1, null),
            ],
            push.Items);
    }

    [Fact]
    public void Replies_are_read_with_their_number_as_text_or_not()
    {
        var push = AliyunPush.ParseReplies(Bytes("""
            [{"phone_number":"13800000000","content":" ｒ ","send_time":"2026-03-01 10:00:00","dest_code":"01","sequence_id":1234567890123456789},
             {"phone_number":"13800000001","content":"谢谢，不退订","sequence_id":"S2"}]
            """));

        Assert.Equal(
            [
                new SmsReply("13800000000", " ｒ ", "1234567890123456789", "01", new DateTimeOffset(2026, 3, 1, 2, 0, 0, TimeSpan.Zero)),
                new SmsReply("13800000001", "谢谢，不退订", "S2", "", null),
            ],
            push.Items);
        Assert.Equal([true, false], push.Items.Select(reply => reply.IsOptOut));
    }

    [Fact]
    public void One_unreadable_item_costs_only_itself()
    {
        var push = AliyunPush.ParseReceipts(Bytes("""
            [{"phone_number":"1","biz_id":"b","success":"true"},{"phone_number":"1","biz_id":"b"},{"biz_id":"b","success":true},7,null,{"phone_number":"1","biz_id":"b","success":"maybe"}]
            """));

        Assert.True(Assert.Single(push.Items).Delivered);
        Assert.Equal((5, null), (push.Unreadable, push.Problem));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{\"phone_number\":\"1\"")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("[{\"phone_number\":\"\\ud800\",\"biz_id\":\"b\",\"success\":true}]")]
    public void What_is_no_array_of_json_says_so(string body)
    {
        Assert.Equal("bad_json", AliyunPush.ParseReceipts(Bytes(body)).Problem);
        Assert.Equal("bad_json", AliyunPush.ParseReplies(Bytes(body)).Problem);
        Assert.Empty(AliyunPush.ParseReceipts(Bytes(body)).Items);
    }

    [Fact]
    public void Deep_and_huge_bodies_are_refused_in_peace()
    {
        Assert.Equal("bad_json", AliyunPush.ParseReceipts(Bytes(new string('[', 10_000))).Problem);
        Assert.Equal("too_large", AliyunPush.ParseReceipts(new byte[SmsPushLimits.Size + 1]).Problem);
    }

    [Fact]
    public void Neither_receipt_nor_reply_shows_a_number_or_a_text()
    {
        var shown = $"{new SmsReceipt("13800000000", "b", "m", true, "DELIVERED", 1, null)} {new SmsReply("13800000000", "不想收了", "s", "", null)}";

        Assert.DoesNotContain("138", shown);
        Assert.DoesNotContain("不想收了", shown);
    }

    [Theory]
    [InlineData("R")]
    [InlineData("r")]
    [InlineData("　Ｒ。")]
    [InlineData(" td \r\n")]
    [InlineData("ＴＤ")]
    [InlineData("T")]
    [InlineData("N")]
    [InlineData("0")]
    [InlineData("０")]
    [InlineData("退订")]
    [InlineData("【退订】")]
    [InlineData("拒收！")]
    [InlineData("取消")]
    [InlineData("回复R")]
    [InlineData("stop")]
    public void A_whole_reply_of_an_opt_out_word_is_an_opt_out(string reply) => Assert.True(OptOutWords.IsOptOut(reply));

    [Theory]
    [InlineData("")]
    [InlineData("。")]
    [InlineData("好的")]
    [InlineData("请问怎么退订")]
    [InlineData("不要退订")]
    [InlineData("取消明天的预约")]
    [InlineData("TR")]
    [InlineData("10")]
    [InlineData("R2")]
    public void A_word_inside_other_words_is_none(string reply) => Assert.False(OptOutWords.IsOptOut(reply));

    [Fact]
    public void A_letter_to_us_is_none() => Assert.False(OptOutWords.IsOptOut("R" + new string(' ', 100_000)));

    [Theory]
    [InlineData("DELIVERED", ErrorClass.None)]
    [InlineData("DELIVRD", ErrorClass.None)]
    [InlineData("UNDELIV", ErrorClass.PermanentRecipient)]
    [InlineData("EXPIRED", ErrorClass.Retry)]
    [InlineData("DB:0101", ErrorClass.PermanentRecipient)]
    [InlineData("W-BLACK", ErrorClass.PermanentRecipient)]
    [InlineData("DB:9007", ErrorClass.Retry)]
    [InlineData("MK:0005", ErrorClass.PermanentRecipient)]
    [InlineData("IB:0008", ErrorClass.Retry)]
    [InlineData("MB:1041", ErrorClass.Unknown)]
    [InlineData("isv.BLACK_KEY_CONTROL_LIMIT", ErrorClass.PermanentTemplate)]
    [InlineData("", ErrorClass.Unknown)]
    public void A_receipts_code_has_a_class(string code, ErrorClass expected) => Assert.Equal(expected, AliyunErrors.OfReceipt(code));

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
