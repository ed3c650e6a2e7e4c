document.title = '收件箱';
