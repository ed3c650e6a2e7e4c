using Engagement.Api.Cli;

return await EngageCommand.RunAsync(args, Console.Out, Console.Error);
